"""Data that has come out of the requests, and data that is on its way."""

from flask import Blueprint, render_template

from dialogue.accounts.access import requires
from dialogue.accounts.policy import Permission
from dialogue.catalogue.queries import count_datasets, get_dataset, list_datasets_before
from dialogue.catalogue.rules import FORMATS, FREQUENCIES, LICENCES
from dialogue.requests.queries.origins import list_origins, list_planned
from dialogue.web.addresses import asked_id
from dialogue.web.extensions import db
from dialogue.web.language import path
from dialogue.web.pagination import PAGE_SIZE

blueprint = Blueprint("catalogue", __name__)

_WORDS = {"formats": FORMATS, "frequencies": FREQUENCIES, "licences": LICENCES}


@blueprint.get("/datasets")
@requires(Permission.SEE_PUBLIC_PAGES)
def list_datasets() -> str:
    """Published data, newest first, each with the requests it answers; and what is planned."""
    before = asked_id("before")
    rows = list_datasets_before(db.session, before, PAGE_SIZE + 1)
    shown = rows[:PAGE_SIZE]
    return render_template(
        "catalogue/list_datasets.html",
        datasets=shown,
        next_url=path(f"/datasets?before={shown[-1].id}") if len(rows) > PAGE_SIZE else None,
        origins=list_origins(db.session, [dataset.id for dataset in shown]),
        planned=list_planned(db.session, PAGE_SIZE) if before is None else [],
        total=count_datasets(db.session),
        **_WORDS,
    )


@blueprint.get("/datasets/<int:dataset_id>")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_dataset(dataset_id: int) -> str:
    """One dataset: where it is, on what terms, and who asked for it."""
    dataset = get_dataset(db.session, dataset_id)
    origins = list_origins(db.session, [dataset.id]).get(dataset.id, [])
    return render_template("catalogue/show_dataset.html", dataset=dataset, origins=origins, **_WORDS)
