"""Between the question and the form: has somebody asked for the same?"""

from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from dialogue.accounts.access import chosen_municipality, current_municipality, current_viewer, requires
from dialogue.accounts.policy import Permission
from dialogue.core.clock import today
from dialogue.core.text import clean_line
from dialogue.requests.list_address import MAX_QUESTION
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.lists import list_requests_by_number
from dialogue.requests.queries.search import find_similar
from dialogue.voting.queries import voted_by
from dialogue.web.extensions import db
from dialogue.web.language import path, request_locale

blueprint = Blueprint("similar", __name__)

#: As many look-alikes are shown; more would be a list to read instead of an answer.
MOST_ALIKE = 5


@blueprint.get("/requests/new/similar")
@requires(Permission.FILE_REQUEST)
def show_similar() -> str | Response:
    """Requests that look like the words, to vote for or follow; none: straight on to the form.

    With the header `X-Fragment` only the list, for the script of the form.
    """
    question = clean_line(request.args.get("q", ""), MAX_QUESTION)
    place = chosen_municipality()
    named = {"municipality": place.slug} if place and current_municipality() is None else {}
    where = (DataRequest.municipality_id == place.id,) if place else ()
    hits = find_similar(db.session, question, *where, limit=MOST_ALIKE) if question else []
    voted = voted_by(current_viewer().person_id)
    numbers = [hit.request_id for hit in hits]
    rows = list_requests_by_number(db.session, numbers, locale=request_locale(), voted=voted)
    onwards = f"{path('/requests/new')}?{urlencode({'q': question} | named)}"
    fragment = request.headers.get("X-Fragment") == "1"
    if not rows and not fragment:
        return redirect(onwards, 303)
    return render_template(
        "requests/similar_rows.html" if fragment else "requests/show_similar.html",
        onwards=onwards,
        question=question,
        rows=rows,
        today=today(place.zone if place else current_app.config["TIMEZONE"]),
    )
