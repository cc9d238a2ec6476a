"""The lock files: made from the present pyproject.toml, hash-pinned, and free of any address."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import dev

ROOT = Path(__file__).parent.parent
# Used without an import: named in a setting or a template, or read by the standard library.
NEVER_IMPORTED = {"celery-redbeat", "nhsuk-frontend-jinja", "tzdata"}
LOCKS = ["requirements.lock", "requirements-test.lock"]
PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)(?: ; .*?)?((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE
)

# Loads the whole program, in a process of its own to which some packages are as if they were not installed.
LOADING = """
import importlib, pkgutil, sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

hidden = set(sys.argv[1:])
sys.meta_path.insert(0, Nowhere())
for house in ("lms", "workers"):
    for module in pkgutil.walk_packages([house], f"{house}."):
        importlib.import_module(module.name)

import kombu, redbeat, sqlalchemy
for queue in ("redis://", "rediss://", "filesystem://"):
    kombu.Connection(queue).transport
sqlalchemy.create_engine("postgresql+psycopg://")
"""


def pins(name: str) -> dict[str, str]:
    return {pin[1]: pin[2] for pin in PIN.finditer((ROOT / name).read_text())}


def asked(name: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]["test"] if name == "requirements-test.lock" else []
    return [Requirement(line) for line in [*project["project"]["dependencies"], *groups]]


def imported() -> set[str]:
    """The packages that our code imports, by their first name."""
    found: set[str] = set()
    for folder in ("lms", "workers", "migrations"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_is_made_from_the_present_pyproject(name: str) -> None:
    first = (ROOT / name).read_text().splitlines()[0]
    assert first == f"# {dev.wishes()}", "pyproject.toml has changed. Run: python3 dev.py lock"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_what_pyproject_asks_for(name: str) -> None:
    pinned = pins(name)
    for requirement in asked(name):
        assert requirement.specifier.contains(Version(pinned[requirement.name.lower()]), prereleases=True)


def test_whatever_is_declared_is_imported_somewhere() -> None:
    owners = packages_distributions()
    used = {owner.lower() for module in imported() for owner in owners.get(module, ())}
    declared = {one.name.lower() for one in asked("requirements.lock")}
    assert declared - {owner.replace("_", "-") for owner in used} == NEVER_IMPORTED


def test_the_program_loads_with_what_the_runtimes_lock_installs_and_nothing_else() -> None:
    installed = {_plain(name) for name in pins("requirements.lock")} | {"golden-thread"}
    hidden = [
        module
        for module, owners in packages_distributions().items()
        if module.isidentifier() and installed.isdisjoint(map(_plain, owners))
    ]
    assert "pytest" in hidden
    loaded = subprocess.run(
        [sys.executable, "-c", LOADING, *hidden], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_file_is_a_pin_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text()
    for pin in PIN.finditer(text):
        assert "--hash=" in pin[3], pin[1]
    rest = [
        line for line in PIN.sub("", text).splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    assert rest == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_names_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()


def test_what_is_tested_is_what_runs() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-test.lock").items()


def test_the_lock_of_a_tool_that_records_addresses_is_not_kept() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text().split()
