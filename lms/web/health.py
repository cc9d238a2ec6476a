"""Whether this process lives, and whether it is ready to answer."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from lms import schema
from lms.web.guard import public

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
    schema.require()
    return jsonify(status="ok", schema=schema.needed())
