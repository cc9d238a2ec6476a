"""The activities resource (1.0.3 Communication 2.5; 9274.1.1 4.1.6.4)."""

from werkzeug import Response

from lms import db
from lms.rules import keys
from lms.rules.keys import Holder
from lms.rules.statements import identifiers
from lms.rules.statements.versions import Version
from lms.services.statements import definitions
from lms.xapi import answers
from lms.xapi.asked import Asked
from lms.xapi.guard import require

METHODS = ("GET",)
_PARAMETERS = frozenset(("activityId",))


def answer(asked: Asked, _version: Version, holder: Holder) -> Response:
    """An activity with the definition that this store has of it."""
    require(holder, keys.READ, keys.ALL_READ, keys.STATE, keys.PROFILE)
    asked.allow(_PARAMETERS, needed=_PARAMETERS)
    iri = asked.parameters["activityId"]
    identifiers.iri(iri, "activityId")
    with db.reading() as session:
        known = definitions.of(session, [iri]).get(iri)
    activity = {"objectType": "Activity", "id": iri}
    return answers.of_json({**activity, "definition": known} if known else activity, etag=True)
