"""The house rules of docs/architecture.md, kept by reading the imports of every file (those inside functions too)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: Who stands on whom. A folder may import folders of lower rank, and itself.
RANK = {
    "core": 0,
    "mail": 1,
    "web": 1,
    "accounts": 2,
    "catalogue": 3,
    "requests": 4,
    "voting": 5,
    "conversation": 5,
    "notifications": 6,
    "statistics": 7,
    "api": 7,
    "privacy": 7,
    "pages": 7,
    "demo": 7,
}

LINE = (
    "core < mail, web < accounts < catalogue < requests < voting | conversation < notifications"
    " < statistics | api | privacy"
)

#: The rooms of a feature folder, in the order in which they may import each other.
ROOMS = ("rules", "models", "wording", "queries", "operations")
SCREEN = {"forms", "views", "cli"}

#: Screen-like domain files that may know Flask, with the reason.
KNOWS_FLASK = {
    "dialogue/accounts/access.py": "it is where people come in",
    "dialogue/mail/sender/delivery.py": "it sends in the app's context, by the app's settings",
    "dialogue/mail/sender/server.py": "it talks through Flask-Mail",
    "dialogue/mail/sender/writing.py": "it renders templates in the reader's language",
    "dialogue/notifications/bell.py": "it hangs Huey on the app's settings",
    "dialogue/notifications/worker.py": "it runs jobs inside the app",
}

#: Where a transaction may be committed, with the reason.
MAY_COMMIT = {
    "dialogue/web/transaction.py": "the write door of web requests and commands",
    "dialogue/mail/sender/delivery.py": "the worker commits each step of a mail on its way out",
    "dialogue/notifications/worker.py": "the worker's jobs commit their own steps",
}

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "handler", "handlers", "service"}

#: Longest file, in lines. A file is read in one sitting.
LONGEST = 300


@dataclass(frozen=True)
class Import:
    """One import statement: who, whom, and where it stands."""

    file: str
    line: int
    module: str


def source_files(root: Path) -> list[Path]:
    return sorted((root / "dialogue").rglob("*.py"))


def place(path: str) -> tuple[str, str]:
    """Folder and room of a file: dialogue/requests/operations/filing.py → ("requests", "operations")."""
    parts = Path(path).with_suffix("").parts[1:]
    if len(parts) == 1:
        return "", parts[0]
    return parts[0], parts[1]


def module_place(module: str) -> tuple[str, str]:
    """Folder and room of a module: dialogue.requests.operations.filing → ("requests", "operations")."""
    parts = module.split(".")[1:]
    return (parts[0] if parts else "", parts[1] if len(parts) > 1 else "")


def imports_of(path: Path, root: Path) -> Iterator[Import]:
    name = str(path.relative_to(root))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno} imports relatively; write the whole name"
            base = node.module or ""
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                is_module = (root / (inner.replace(".", "/") + ".py")).exists() or (
                    root / inner.replace(".", "/")
                ).is_dir()
                yield Import(name, node.lineno, inner if base.startswith("dialogue") and is_module else base)


def breaches(root: Path) -> list[str]:
    """Every broken house rule below `root`, each with its cure."""
    found: list[str] = []
    graph: dict[str, set[str]] = {}
    for path in source_files(root):
        for imported in imports_of(path, root):
            found += list(_import_breaches(imported))
            if imported.module.startswith("dialogue"):
                graph.setdefault(imported.file, set()).add(_file_of(imported.module, root))
        found += list(_file_breaches(path, root))
    found += [
        f"these files import each other in a ring: {' → '.join(ring)}. Move what both need downward."
        for ring in _rings(graph)
    ]
    return found


def _import_breaches(imported: Import) -> Iterator[str]:
    folder, room = place(imported.file)
    where = f"{imported.file}:{imported.line}"
    is_screen = room in SCREEN or folder == "" or folder == "pages"
    if imported.module.split(".")[0] in ("flask", "flask_login", "flask_babel", "flask_mail", "flask_wtf", "wtforms"):
        if folder == "web" or is_screen or imported.file in KNOWS_FLASK:
            return
        yield f"{where}: a domain file sees {imported.module}. Pass the value in as an argument from the view."
        return
    if not imported.module.startswith("dialogue"):
        return
    target, target_room = module_place(imported.module)
    if (target == "" and target_room == "app") or imported.module == "dialogue.app":
        yield f"{where}: app.py is imported by nobody. Move what is needed to the folder it belongs to."
    elif folder == "":
        return
    elif target_room in SCREEN and target not in (folder, "web"):
        yield f"{where}: a screen file is imported from outside its folder. Put what both need in a domain file."
    elif is_screen or (target == "web" and imported.file in KNOWS_FLASK):
        return
    elif target == "web" and folder != "web":
        yield f"{where}: a domain file imports the web floor. Pass the value in from the view."
    elif target != folder and RANK[target] >= RANK[folder]:
        yield f"{where}: {folder} may not import {target} ({LINE}). Let the upper one call."
    elif target == folder and room in ROOMS and target_room in ROOMS and ROOMS.index(target_room) > ROOMS.index(room):
        order = " < ".join(ROOMS)
        yield f"{where}: {room} may not import {target_room} (inside a folder: {order}). Move the piece downward."
    elif target == folder and target_room in SCREEN:
        yield f"{where}: a domain file imports a screen file. Turn the call around."


def _file_breaches(path: Path, root: Path) -> Iterator[str]:
    name = str(path.relative_to(root))
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    words = set(path.stem.split("_")) | set(path.parent.name.split("_"))
    if words & BANNED_NAMES:
        yield f"{name}: {sorted(words & BANNED_NAMES)} says nothing. Name the file after what it does."
    lines = text.count("\n")
    if lines > LONGEST:
        yield f"{name}: {lines} lines, more than {LONGEST}. Make the room a package with a file per subject."
    if name not in MAY_COMMIT:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                yield f"{name}:{node.lineno}: a commit far from the edge. Operations never commit."
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom) and not _is_slow_package(inner):
                    yield f"{name}:{inner.lineno}: an import hidden in a function. Put it at the top of the file."


#: Packages so slow to import that they wait for their first use (measured: holidays 0.4 s, dns 0.3 s).
_SLOW = {"dns", "holidays", "huey", "gunicorn"}


def _is_slow_package(node: ast.Import | ast.ImportFrom) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return all(name.split(".")[0] in _SLOW for name in names)


def _file_of(module: str, root: Path) -> str:
    path = module.replace(".", "/")
    return f"{path}.py" if (root / f"{path}.py").exists() else f"{path}/__init__.py"


def _rings(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    done: set[str] = set()

    def walk(file: str, trail: list[str]) -> Iterator[list[str]]:
        if file in trail:
            yield [*trail[trail.index(file) :], file]
            return
        if file in done:
            return
        for onward in sorted(graph.get(file, ())):
            yield from walk(onward, [*trail, file])
        done.add(file)

    for start in sorted(graph):
        yield from walk(start, [])


def test_the_house_rules_hold() -> None:
    assert not (found := breaches(ROOT)), "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("file", "text", "cure"),
    [
        # A domain file that sees Flask.
        ("requests/operations/x.py", "from flask import request\n", "Pass the value in"),
        # Upward: requests must not know who votes.
        ("requests/operations/x.py", "def f():\n    from dialogue.voting import queries\n", "Let the upper one call"),
        # Inside a folder rules come first.
        ("voting/rules.py", "from dialogue.voting.models import Vote\n", "Move the piece downward"),
        # A screen file of another folder.
        ("voting/views.py", "from dialogue.requests.forms import FilingForm\n", "in a domain file"),
        # Nobody imports the app.
        ("pages/views.py", "from dialogue.app import create_app\n", "imported by nobody"),
        # A commit far from the edge.
        ("voting/operations.py", "def f(session):\n    session.commit()\n", "Operations never commit"),
        # A name that says nothing.
        ("web/utils.py", "", "Name the file after what it does"),
        # A file nobody reads in one sitting.
        ("core/long.py", "x = 1\n" * 301, "Make the room a package"),
        # An import hidden in a function.
        ("core/hidden.py", "def f():\n    import json\n", "top of the file"),
        # A ring.
        ("core/a.py", "from dialogue.core import b\n", "Move what both need downward"),
    ],
)
def test_a_planted_breach_is_found_with_its_cure(tmp_path: Path, file: str, text: str, cure: str) -> None:
    for existing in source_files(ROOT):
        copy = tmp_path / existing.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("", encoding="utf-8")
    (tmp_path / "dialogue/core/b.py").write_text("from dialogue.core import a\n", encoding="utf-8")
    planted = tmp_path / "dialogue" / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text, encoding="utf-8")
    found = breaches(tmp_path)
    assert any(cure in breach for breach in found), found
