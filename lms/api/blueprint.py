"""The addresses under /api/v1: every one declares the scope that opens it, and what does not is shut."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lms.api import guard, problems
from lms.errors import NotFound

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(guard.open_or_refuse)
problems.install(blueprint)


@blueprint.route("/", defaults={"rest": ""}, methods=guard.EVERY)
@blueprint.route("/<path:rest>", methods=guard.EVERY)
@guard.any_key
def elsewhere(rest: str) -> ResponseReturnValue:
    """What is not there."""
    raise NotFound("There is nothing at this address.")
