"""What an operator starts with: compose.yaml and the Dockerfile, as far as they can be proved without an engine."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import dev
from lms import settings

ROOT = Path(__file__).parent.parent
APPLICATION = {"init", "web", "worker", "beat", "feed"}
SECRETS = {"POSTGRES_PASSWORD", "LMS_SECRET_KEY"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(YAML(typ="safe").load(ROOT / "compose.yaml"))


def test_compose_yaml_follows_the_compose_specification() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in SECRETS:
        uses = re.findall(rf"\$\{{{name}([^}}]*)}}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), name


def test_every_service_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    # web takes the check of the image; init ends by itself.
    own = {name for name, service in compose["services"].items() if "test" in service.get("healthcheck", {})}
    assert own == set(compose["services"]) - {"web", "init"}
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


def test_nothing_that_reads_the_schema_starts_before_it_is_there(compose: dict[str, Any]) -> None:
    for name in APPLICATION - {"init"}:
        waits = compose["services"][name]["depends_on"]
        assert waits["init"]["condition"] == "service_completed_successfully", name


def test_every_volume_is_named(compose: dict[str, Any]) -> None:
    used = {volume.partition(":")[0] for each in compose["services"].values() for volume in each["volumes"]}
    assert used == set(compose["volumes"])


def test_what_compose_sets_is_what_the_settings_read(compose: dict[str, Any]) -> None:
    given = compose["services"]["web"]["environment"]
    source = Path(settings.__file__).read_text()
    assert [name for name in given if f'"{name}"' not in source] == []
    values = {
        "POSTGRES_PASSWORD": "letters0and1digits",
        "LMS_SECRET_KEY": "x" * 48,
        "LMS_BASE_URL": "https://training.example.org",
        "LMS_MAIL_URL": "smtps://user:password@mail.example.org:465",
    }
    filled = {
        name: re.sub(r"\$\{(\w+)(?::([?-])([^}]*))?\}", lambda use: _value(use, values), value)
        for name, value in given.items()
    }
    loaded = settings.load(filled)
    assert loaded.secure
    assert not loaded.embedded


def _value(use: re.Match[str], values: dict[str, str]) -> str:
    return values[use[1]] if use[2] != "-" else values.get(use[1], use[3])


def test_the_image_is_made_with_the_same_uv_and_the_hash_pinned_lock() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert dev.UV in dockerfile
    assert "--require-hashes -r requirements.lock" in dockerfile


def test_the_image_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["10001"]
