"""Settings: every wrong value stops start-up by its name, and unset means the embedded default."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lms import settings
from lms.errors import Invalid


def test_nothing_set_is_the_embedded_default(tmp_path: Path) -> None:
    found = settings.load({"LMS_VAR": str(tmp_path)})
    assert found.embedded
    assert found.database_url == f"sqlite:///{tmp_path / 'golden-thread.sqlite3'}"
    assert found.mail_url == f"file://{tmp_path / 'outbox'}"
    assert len(found.secret_key) >= 32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LMS_DATABASE_URL", "mysql://x/y"),
        ("LMS_DATABASE_URL", "nonsense"),
        ("LMS_REDIS_URL", "http://x"),
        ("LMS_MAIL_URL", "mail.example"),
        ("LMS_BASE_URL", "learning.example"),
        ("LMS_SECRET_KEY", "short"),
        ("LMS_MAX_UPLOAD_MB", "lots"),
        ("LMS_PROXIES", "99"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Invalid, match=name):
        settings.load({"LMS_VAR": str(tmp_path), name: value})


def test_a_server_needs_a_key_that_all_machines_share(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="LMS_SECRET_KEY is not set"):
        settings.load({"LMS_VAR": str(tmp_path), "LMS_DATABASE_URL": "postgresql://db/lms"})


def test_many_processes_that_start_at_once_agree_on_the_secret_key(tmp_path: Path) -> None:
    script = f"from lms import settings; print(settings.load({{'LMS_VAR': {str(tmp_path)!r}}}).secret_key)"
    started = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    keys = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert os.listdir(tmp_path) == ["secret-key"]


def test_adopting_settings_leaves_nothing_of_the_former(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # monkeypatch remembers what was there, and puts it back.
    for name in ("LMS_VAR", "LMS_DATABASE_URL", "LMS_REDIS_URL", "LMS_SECRET_KEY"):
        monkeypatch.setenv(name, "postgresql://wrong")
    found = settings.adopt({"LMS_VAR": str(tmp_path)})
    assert found.var == tmp_path
    assert found.embedded
    assert "LMS_REDIS_URL" not in os.environ
