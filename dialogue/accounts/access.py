"""Who is asking, and the declaration that every route makes: which permission it needs.

The one domain file that knows Flask's request, because it is where people come in.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, g, request
from flask import session as cookie
from flask_login import UserMixin, current_user, login_user, logout_user

from dialogue.accounts import queries
from dialogue.accounts.models import Municipality, Person, SignInSession
from dialogue.accounts.operations.people import note_life
from dialogue.accounts.policy import NOBODY, POLICY, Permission, Relation, Viewer, allows
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, SignInNeeded
from dialogue.web.extensions import db, login_manager
from dialogue.web.security import check_form_proof
from dialogue.web.transaction import SAFE_METHODS, in_transaction

View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):  # type: ignore[misc]  # the package has no types
    """The person behind this request's cookie, as Flask-Login knows them."""

    def __init__(self, sign_in: SignInSession, viewer: Viewer, token: str) -> None:
        self.sign_in = sign_in
        self.person = sign_in.person
        self.viewer = viewer
        self.token = token

    def get_id(self) -> str:
        """What the cookie holds: the secret of the session on the server, never the person's id."""
        return self.token


@login_manager.user_loader
def load_signed_in(token: str) -> SignedIn | None:
    """The session behind `token`, unless it has ended."""
    found = queries.find_signed_in(db.session, token, now())
    return SignedIn(*found, token) if found else None


def requires(permission: Permission, *, form_proof: bool = True, database: bool = True) -> Callable[[View], View]:
    """Declare what a route needs; the app refuses to start with a route that does not.

    Opens the request's one transaction (`database=False` only for what must answer without one), checks the form's
    proof on changing requests (`form_proof=False` only for machines that cannot have one) and that the viewer could
    have `permission` at all. What concerns a certain request is checked again where it is loaded.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            def checked() -> Any:
                if form_proof and request.method not in SAFE_METHODS:
                    check_form_proof()
                ensure(permission)
                if request.method not in SAFE_METHODS and (person := current_person()) is not None:
                    note_life(person)
                return view(*args, **values)

            return in_transaction(checked) if database else checked()

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.form_proof = form_proof  # type: ignore[attr-defined]
        return cast(View, guarded)

    return declare


#: Relations to a certain request, which a loader checks; here they only mean "somebody is signed in".
_TO_A_REQUEST = frozenset({Relation.ASKER, Relation.VOTER})


def ensure(permission: Permission) -> None:
    """Raise SignInNeeded or Forbidden when no request at all could give the viewer `permission`."""
    viewer = current_viewer()
    allowed = POLICY[permission]
    if allows(viewer, permission) or Relation.ANYONE in allowed:
        return
    if viewer.is_anonymous:
        raise SignInNeeded
    if not allowed & _TO_A_REQUEST:
        raise Forbidden


def current_viewer() -> Viewer:
    """The viewer of this request."""
    return cast(Viewer, current_user.viewer) if current_user.is_authenticated else NOBODY


def current_person() -> Person | None:
    """The signed-in person of this request."""
    return current_user.person if current_user.is_authenticated else None


def signed_in_person() -> Person:
    """The signed-in person. Raises SignInNeeded when there is none."""
    person = current_person()
    if person is None:
        raise SignInNeeded
    return person


def current_sign_in() -> SignInSession | None:
    """The session on the server that this request's cookie stands for."""
    return current_user.sign_in if current_user.is_authenticated else None


#: What the cookie may hold from before: which form waits to be sent again, which mail was asked for (a second click on
#: its button is told that the first was enough), and the banner that says what the proved address led to.
_SURVIVES_SIGN_IN = ("kept_form", "proof_id", "_flashes")


def remember_sign_in(sign_in: SignInSession, token: str) -> None:
    """Hand the browser the secret of a session that has just begun. Whatever the cookie held before is worthless."""
    kept = {name: cookie[name] for name in _SURVIVES_SIGN_IN if name in cookie}
    cookie.clear()
    cookie.permanent = True
    cookie.update(kept)
    login_user(SignedIn(sign_in, queries.get_viewer(db.session, sign_in.person), token))


def forget_sign_in() -> None:
    """Empty the browser's cookie."""
    logout_user()
    cookie.clear()


def home_of(viewer: Viewer) -> str:
    """Where `viewer` begins after signing in: at the work there is, else at what is their own."""
    if viewer.is_coordinator:
        return "/inbox"
    if viewer.is_official:
        return "/queue"
    return "/settings" if viewer.is_administrator else "/account"


def current_municipality() -> Municipality | None:
    """The municipality this site speaks for; None when there are several and the page must say which."""
    municipalities = all_municipalities()
    return municipalities[0] if len(municipalities) == 1 else None


def chosen_municipality() -> Municipality | None:
    """The municipality this page is about: the only one, or the one that `municipality` in the address names."""
    slug = request.args.get("municipality")
    return current_municipality() or next((each for each in all_municipalities() if each.slug == slug), None)


def all_municipalities() -> list[Municipality]:
    """Every municipality in the database, by name; read once a request."""
    if "municipalities" not in g:
        g.municipalities = queries.list_municipalities(db.session)
    return cast(list[Municipality], g.municipalities)


def refuse_undeclared(app: Flask) -> None:
    """Raise RuntimeError naming any route of `app` that declares no permission."""
    missing = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "permission")
    ]
    if missing:
        raise RuntimeError(
            f"these routes declare no permission, mark them with @requires: {', '.join(sorted(missing))}"
        )
