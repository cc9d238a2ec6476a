"""The agents resource: a person for an agent (1.0.3 Communication 2.4; 9274.1.1 4.1.6.3).

The store keeps no directory that would add to what was asked: who somebody is elsewhere is not for a key to learn.
"""

from werkzeug import Response

from lms.rules import keys
from lms.rules.keys import Holder
from lms.rules.statements import queries
from lms.rules.statements.actors import IDENTIFIERS
from lms.rules.statements.versions import Version
from lms.xapi import answers
from lms.xapi.asked import Asked
from lms.xapi.guard import require

METHODS = ("GET",)
_PARAMETERS = frozenset(("agent",))


def answer(asked: Asked, _version: Version, holder: Holder) -> Response:
    """A Person object, each of its properties an array."""
    require(holder, keys.READ, keys.ALL_READ, keys.STATE, keys.PROFILE)
    asked.allow(_PARAMETERS, needed=_PARAMETERS)
    agent = queries.agent_object(asked.parameters["agent"], group=False)
    person = {name: [agent[name]] for name in ("name", *IDENTIFIERS) if name in agent}
    return answers.of_json({"objectType": "Person", **person}, etag=True)
