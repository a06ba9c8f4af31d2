"""Version 1: datasets, and the description of the whole interface."""

from pathlib import Path

from flask import Blueprint, Response, json

from dialogue.accounts.access import requires
from dialogue.accounts.policy import Permission
from dialogue.api.serialisers import write_dataset, write_list
from dialogue.api.views.answers import answer, base_address
from dialogue.catalogue.queries import count_datasets, list_datasets_before
from dialogue.requests.queries.origins import list_origins
from dialogue.web.addresses import asked_id
from dialogue.web.extensions import db
from dialogue.web.pagination import PAGE_SIZE

blueprint = Blueprint("api_catalogue", __name__, url_prefix="/api/v1")

_DESCRIPTION = json.loads((Path(__file__).parent.parent / "openapi.json").read_text(encoding="utf-8"))


@blueprint.get("/datasets")
@requires(Permission.SEE_PUBLIC_PAGES)
def list_datasets() -> Response:
    """Datasets that requests have led to, newest first, each with the requests it answers."""
    rows = list_datasets_before(db.session, asked_id("before"), PAGE_SIZE + 1)
    shown = rows[:PAGE_SIZE]
    origins = list_origins(db.session, [dataset.id for dataset in shown])
    items = [
        write_dataset(dataset) | {"requests": [data_request.id for data_request in origins.get(dataset.id, [])]}
        for dataset in shown
    ]
    onwards = f"{base_address()}/api/v1/datasets?before={shown[-1].id}" if len(rows) > PAGE_SIZE else None
    return answer(write_list(items, count_datasets(db.session), onwards))


@blueprint.get("/openapi.json")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_description() -> Response:
    """OpenAPI 3.1."""
    return answer(_DESCRIPTION | {"servers": [{"url": base_address()}]})
