"""Pages about the service itself: accessibility and privacy."""

from flask import Blueprint, render_template

from lms.web.guard import public

blueprint = Blueprint("about", __name__)


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("about/accessibility.html")


@blueprint.get("/privacy")
@public
def privacy() -> str:
    """What is kept about people, why, and for how long."""
    return render_template("about/privacy.html")
