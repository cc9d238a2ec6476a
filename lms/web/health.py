"""Whether this process lives, and whether it is ready to answer."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from lms import schema
from lms.errors import Unavailable
from lms.web.guard import public

NOT_READY = "The database does not answer, or it has another version. On the server: lms doctor, lms init."

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public
def live() -> ResponseReturnValue:
    """It answers, so it lives."""
    return jsonify(status="ok")


@blueprint.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """The database answers and has this program's schema. The queue may be away: what is saved is picked up later."""
    try:
        schema.require()
    except Unavailable:
        # Anybody may ask, so the address of the database stays here; lms doctor says the rest.
        return jsonify(status="not ready", detail=NOT_READY), 503
    return jsonify(status="ok", schema=schema.needed())
