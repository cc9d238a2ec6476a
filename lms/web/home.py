"""The start page: what whoever is signed in can do here."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from lms.rules.access import Action
from lms.web import menu
from lms.web.guard import allow

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@allow(Action.SEE_OWN_LEARNING)
def home() -> ResponseReturnValue:
    """A door to each part; whoever has only one goes straight through."""
    doors = menu.items()
    if len(doors) == 1:
        return redirect(doors[0].href)
    return render_template("home/home.html", doors=doors)
