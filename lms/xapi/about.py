"""The about resource, which anybody may read in any version (1.0.3 Communication 2.8; 9274.1.1 4.1.6.7)."""

from werkzeug import Response

from lms.rules.statements.versions import Version
from lms.xapi import answers
from lms.xapi.asked import Asked

METHODS = ("GET",)


def answer(asked: Asked) -> Response:
    """Which versions this store speaks."""
    asked.allow(frozenset())
    return answers.of_json({"version": [version.value for version in Version]}, etag=True)
