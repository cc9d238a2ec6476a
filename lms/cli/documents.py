"""What ``--json`` prints: one document, the same way for every command."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click


def show(document: Any) -> None:
    """Print a document of plain values."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def show_all(facts: Iterable[Any]) -> None:
    """Print facts as a list; moments and the like become texts."""
    click.echo(json.dumps([asdict(one) for one in facts], default=str, ensure_ascii=False, indent=1))
