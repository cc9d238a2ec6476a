"""Where the workers' mail goes."""

import pytest

from lms import settings
from tests.servers import Mailbox


@pytest.fixture
def by_smtp(smtp: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """A mail server that the settings name, and what it got."""
    monkeypatch.setenv("LMS_MAIL_URL", smtp.url)
    settings.current.cache_clear()
    return smtp
