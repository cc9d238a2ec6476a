"""The law of the house: which way imports flow, and who alone may commit, read the clock or the environment."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli as import_linter

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {contract["name"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
UPSTREAM_FIRST = [
    name.strip("()") for name in reversed(CONTRACTS["A noun imports only nouns upstream of it"]["layers"])
]
LAYERS_OF_NOUNS = {"rules", "tables", "services"}

CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "func.now",
    "func.current_timestamp",
}
ENVIRONMENT = {"os.environ", "os.getenv", "os.putenv", "os.environb"}
NOT_FOR_SERVICES = {"lms.clock", "lms.settings", "lms.queue", "lms.db", "lms.mail", "lms.lrs"}


def complaints(path: str, source: str) -> Iterator[str]:
    """What a file does that the house does not allow, one sentence each."""
    tree = ast.parse(source)
    ours = path.startswith(("lms/", "workers/"))
    for node in ast.walk(tree):
        where = f"{path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Attribute):
            used = _dotted(node)
            if node.attr == "commit" and path != "lms/db.py" and ours:
                yield f"{where} commits. Only lms/db.py does."
            if _ends_with(used, CLOCK) and path != "lms/clock.py":
                yield f"{where} reads the clock by {used}. Only lms/clock.py does; take today or now as an argument."
            if used in ENVIRONMENT and path != "lms/settings.py":
                yield f"{where} reads the environment. Only lms/settings.py does."
        if ours and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield f"{path}:{inner.lineno} imports inside a function. Imports stand at the top."
        for imported in _imported(node, path):
            yield from (f"{where} {sentence}" for sentence in _forbidden(path, imported))


def _forbidden(path: str, imported: str) -> Iterator[str]:
    if path.startswith("lms/tables/") and imported == "__future__.annotations":
        yield "postpones annotations, which breaks relationships in table files."
    if path.startswith("migrations/") and re.match(r"(flask|lms\.(app|web|api|xapi|cli))\b", imported):
        yield f"imports {imported}. Migrations need no web framework."
    if path.startswith("lms/services/") and any(_within(imported, name) for name in NOT_FOR_SERVICES):
        yield f"imports {imported}. Services get the outside world as arguments."
    if imported in ENVIRONMENT and path != "lms/settings.py":
        yield f"imports {imported}. Only lms/settings.py reads the environment."
    mine, theirs = _noun(path.removesuffix(".py").replace("/", ".")), _noun(imported)
    if mine and theirs and UPSTREAM_FIRST.index(theirs) > UPSTREAM_FIRST.index(mine):
        yield f"imports {imported}. {mine} stands upstream of {theirs}."


def _imported(node: ast.AST, path: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    module = node.module or ""
    if node.level:
        package = path.split("/")[: -node.level]
        module = ".".join([*package, module] if module else package)
    return [f"{module}.{name.name}" for name in node.names]


def _noun(module: str) -> str | None:
    parts = module.split(".")
    named = (
        len(parts) > 2 and parts[0] == "lms" and parts[1] in LAYERS_OF_NOUNS and parts[2] in UPSTREAM_FIRST
    )
    return parts[2] if named else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _ends_with(used: str, names: set[str]) -> bool:
    return any(used == name or used.endswith("." + name) for name in names)


def _within(imported: str, name: str) -> bool:
    return imported == name or imported.startswith(name + ".")


def test_imports_flow_one_way(capsys: pytest.CaptureFixture[str]) -> None:
    code = import_linter.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == import_linter.EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_file_keeps_the_law() -> None:
    files = [
        path for folder in ("lms", "workers", "migrations") for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    assert files
    found = [
        complaint
        for path in files
        for complaint in complaints(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source", "said"),
    [
        ("lms/services/people.py", "session.commit()", "commits"),
        ("workers/roster.py", "def f(session):\n    session.connection().commit()", "commits"),
        ("lms/services/people.py", "import datetime\ndatetime.datetime.now()", "clock"),
        ("lms/tables/people.py", "Field(default_factory=datetime.utcnow)", "clock"),
        ("lms/rules/people.py", "date.today()", "clock"),
        ("lms/services/people.py", "select(func.now())", "clock"),
        ("lms/web/people.py", "os.environ['X']", "environment"),
        ("lms/web/people.py", "from os import environ", "environment"),
        ("workers/app.py", "os.getenv('X')", "environment"),
        ("lms/cli/people.py", "def f():\n    import json", "inside a function"),
        ("lms/cli/people.py", "async def f():\n    if x:\n        from lms import db", "inside a function"),
        ("migrations/versions/0001_x.py", "from flask import current_app", "web framework"),
        ("migrations/env.py", "from lms import app", "web framework"),
        ("lms/services/people.py", "from lms import clock", "as arguments"),
        ("lms/services/people.py", "from lms.db import transaction", "as arguments"),
        ("lms/services/people.py", "import lms.settings", "as arguments"),
        ("lms/services/people/lists.py", "from ... import mail", "as arguments"),
        ("lms/tables/people.py", "from __future__ import annotations", "postpones"),
        ("lms/services/people.py", "from lms.rules import coverage", "upstream"),
        ("lms/services/people.py", "from lms.tables.completions import Completion", "upstream"),
        ("lms/services/people.py", "from .standing import of_post", "upstream"),
        ("lms/rules/job_roles/titles.py", "from ..people import Person", "upstream"),
    ],
)
def test_a_file_that_breaks_the_law_is_named(path: str, source: str, said: str) -> None:
    assert any(said in complaint and path in complaint for complaint in complaints(path, source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("lms/db.py", "session.commit()"),
        ("lms/clock.py", "datetime.now(UTC)"),
        ("lms/settings.py", "import os\nload(os.environ)"),
        (
            "lms/services/coverage.py",
            "from lms.services import people, standing\nfrom lms.rules.dates import add_months",
        ),
        ("lms/services/standing/people.py", "from lms.rules.standing import windows\nfrom . import clauses"),
        ("lms/web/people.py", "from lms import clock, db\nfrom lms.services import standing"),
        ("tests/test_people.py", "def test():\n    session.commit()"),
    ],
)
def test_a_file_that_keeps_the_law_is_left_alone(path: str, source: str) -> None:
    assert not list(complaints(path, source))
