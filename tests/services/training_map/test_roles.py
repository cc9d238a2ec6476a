"""A job role that is in use cannot be taken away."""

import pytest
from sqlmodel import Session, select

from lms.errors import Conflict, NotFound
from lms.services import reference
from lms.services.audit import COMMAND_LINE
from lms.services.training_map import drafts, roles
from lms.tables.job_roles import JobRole
from tests.services.test_reference import FOLDER, NOW


def test_a_role_in_use_is_kept_and_what_uses_it_is_told(session: Session) -> None:
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    with pytest.raises(Conflict) as refusal:
        roles.remove(session, "RN", actor=COMMAND_LINE, now=NOW)
    assert refusal.value.message == (
        "The role Nurse is in use by the title 'Sister’s aide', the published map for B. Map the titles to "
        "another role and take the role out of the map first."
    )
    drafts.begin(session, title="Spring", actor=COMMAND_LINE, now=NOW)
    with pytest.raises(Conflict, match="the draft 'Spring' for B"):
        roles.remove(session, "RN", actor=COMMAND_LINE, now=NOW)
    with pytest.raises(NotFound):
        roles.remove(session, "XX", actor=COMMAND_LINE, now=NOW)


def test_a_role_that_nothing_uses_goes(session: Session) -> None:
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    file = b"code,name\nOLD,Old role\n"
    reference.load(session, {"job-roles.csv": file}, now=NOW, base_url="https://golden.example")
    roles.remove(session, "OLD", actor=COMMAND_LINE, now=NOW)
    assert "OLD" not in session.exec(select(JobRole.code)).all()
