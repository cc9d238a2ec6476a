"""``lms keys``: credentials for machines."""

import json

import click

from lms import clock, db, settings
from lms.cli import documents
from lms.rules import keys as rules
from lms.services import keys
from lms.services.audit import COMMAND_LINE
from lms.services.completions import reconciling

EXAMPLE = """\b
Examples:
  lms keys create --scope xapi/all
  lms keys create --name "E-learning" --scope xapi/statements/write --scope xapi/state --trusted
  lms keys create --name "ESR by night" --scope roster --organisation QUA-NHS
"""


@click.group("keys")
def command() -> None:
    """Keys with which other systems write and read the record."""


@command.command("create", epilog=EXAMPLE)
@click.option(
    "--name", default="made on the command line", show_default=True, help="Which system will use it."
)
@click.option(
    "--scope", "scopes", multiple=True, required=True, help=f"What it may do: {', '.join(rules.SCOPES)}."
)
@click.option("--trusted/--untrusted", default=None, help="Whether what it writes may count as a completion.")
@click.option("--organisation", help="The code of the organisation whose system it is.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def create(
    name: str, scopes: tuple[str, ...], trusted: bool | None, organisation: str | None, as_json: bool
) -> None:
    """Make a key. Its secret is shown now and never again.

    What an untrusted key writes waits on the reconciliation list, and counts as soon as the key is trusted. A key
    for everything (xapi/all) is trusted unless you say --untrusted, any other only if you say --trusted.
    """
    trusted = rules.ALL in scopes if trusted is None else trusted
    with db.transaction() as session:
        made = keys.create(
            session,
            COMMAND_LINE,
            name,
            scopes,
            now=clock.now(),
            trusted=trusted,
            organisation=organisation,
        )
    base_url = settings.current().base_url
    record = scopes != (rules.ROSTER,)
    address = f"{base_url}/xapi" if record else f"{base_url}/api/v1/organisations/{organisation}/role-lists"
    if as_json:
        shown = {"user": made.prefix, "password": made.secret, "endpoint": address, "trusted": trusted}
        shown["token"] = rules.token(made.prefix, made.secret)
        click.echo(json.dumps(shown, indent=1))
        return
    click.echo(f"Endpoint  {address}")
    click.echo(f"User      {made.prefix}")
    click.echo(f"Password  {made.secret}")
    click.echo(f"Token     {rules.token(made.prefix, made.secret)}")
    click.echo("The password, and the token that holds it, is not shown again; only a hash of it is kept.")
    if record and not trusted:
        click.echo(f"Not trusted for completions. To change that: lms keys trust {made.prefix}")


@command.command("list", epilog="Example: lms keys list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(as_json: bool) -> None:
    """List all keys, newest first."""
    with db.transaction(read_only=True) as session:
        found = keys.listed(session)
    if as_json:
        documents.show_all(found)
        return
    for one in found:
        state = "revoked" if one.revoked_at else "trusted" if one.trusted else "not trusted"
        click.echo(f"{one.prefix}  {state:<11}  {one.name}  ({', '.join(one.scopes)})")
    if not found:
        click.echo("There are no keys. Make one with: lms keys create --scope xapi/all")


@command.command("revoke", epilog="Example: lms keys revoke gt0123456789abcdef")
@click.argument("user")
def revoke(user: str) -> None:
    """Let a key open nothing any more, within five seconds. What it wrote stays."""
    with db.transaction() as session:
        keys.revoke(session, COMMAND_LINE, user, now=clock.now())
    click.echo(f"{user} is revoked.")


@command.command("trust", epilog="Example: lms keys trust gt0123456789abcdef")
@click.argument("user")
@click.option("--no", "distrust", is_flag=True, help="Take the trust away again.")
def trust(user: str, distrust: bool) -> None:
    """Let what a key writes, and wrote, count as completions."""
    with db.transaction() as session:
        now = clock.now()
        key_id = keys.trust(session, COMMAND_LINE, user, trusted=not distrust, now=now)
        made = reconciling.from_key(session, key_id, settings.current().base_url, now)
    click.echo(f"{user} is {'not ' if distrust else ''}trusted; {made.counted} of its statements count now.")
