"""``lms stores``: other record stores, to which statements are sent or from which they are fetched."""

from shlex import quote

import click

from lms import clock, db, lrs, settings
from lms.cli import documents
from lms.rules.statements import order
from lms.services.audit import COMMAND_LINE
from lms.services.completions import reconciling
from lms.services.statements import forwarding, stores, unkept
from workers import statements

EXAMPLE = """\b
Example:
  lms stores add --name Leeds --address https://lrs.example.org/xapi --user KEY --forward
"""
AT_MOST = 1_000


@click.group("stores")
def command() -> None:
    """Other record stores."""


@command.command("add", epilog=EXAMPLE)
@click.option("--name", required=True, help="What the store is called here.")
@click.option("--address", required=True, help="Its xAPI endpoint.")
@click.option("--user", required=True, help="Our user name there.")
@click.option("--password", prompt=True, hide_input=True, help="Our password there; asked for when left out.")
@click.option("--forward", is_flag=True, help="Send new statements there.")
@click.option("--pull", is_flag=True, help="Fetch statements from there.")
@click.option("--trusted", is_flag=True, help="Whether what comes from there may count as a completion.")
def add(name: str, address: str, user: str, password: str, forward: bool, pull: bool, trusted: bool) -> None:
    """Note another store. Its password is kept encrypted with this system's own key."""
    sealed = lrs.seal(password, settings.current().secret_key)
    with db.transaction() as session:
        stores.add(
            session,
            COMMAND_LINE,
            name=name,
            address=address,
            username=user,
            sealed=sealed,
            forwards=forward,
            pulls=pull,
            trusted=trusted,
            now=clock.now(),
        )
    click.echo(f"{name} is noted. A worker sends and fetches every few minutes.")


@command.command("list", epilog="Example: lms stores list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(as_json: bool) -> None:
    """List stores, with what waits for each and the last error."""
    with db.transaction(read_only=True) as session:
        found = stores.listed(session)
    if as_json:
        documents.show_all(found)
        return
    for one in found:
        ways = [way for way, on in (("sent to", one.forwards), ("fetched from", one.pulls)) if on] or [
            "stopped"
        ]
        since = f" since {order.stored_at(one.first_waiting):%Y-%m-%d %H:%M}" if one.first_waiting else ""
        click.echo(f"{one.name} ({one.address}): {', '.join(ways)}; {one.waiting} waiting{since}")
        if one.error:
            click.echo(f"  {one.error}")
        if one.failing:
            click.echo(
                f"  {one.failing} refused. To see which, and why: lms stores refused {quote(one.name)}"
            )
        if one.unkept:
            click.echo(
                f"  {one.unkept} of its own cannot be kept here. To see which: lms stores unkept {quote(one.name)}"
            )
    if not found:
        click.echo("There are no other stores. Add one with: lms stores add --help")


@command.command("refused", epilog="Example: lms stores refused Leeds")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def refused(name: str, as_json: bool) -> None:
    """List the statements that a store does not take, the oldest first, with what it said.

    The same person's later ones wait behind them, everybody else's are sent.
    """
    with db.transaction(read_only=True) as session:
        found = forwarding.failing(session, stores.by_name(session, name).id or 0, limit=AT_MOST)
    if as_json:
        documents.show_all(found)
        return
    for one in found:
        again = f"{one.next_at:%Y-%m-%d %H:%M}" if one.next_at else "at once"
        times = "once" if one.attempts == 1 else f"{one.attempts} times"
        click.echo(
            f"{one.statement_id}, stored {one.stored_at:%Y-%m-%d %H:%M}, sent {times}, again {again}: {one.error}"
        )
    if not found:
        click.echo(f"{name} has refused nothing that waits for it.")


@command.command("unkept", epilog="Example: lms stores unkept Leeds")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with each statement's text.")
def unkept_(name: str, as_json: bool) -> None:
    """List the statements that a store sent and that cannot be kept here, the newest first, and why."""
    with db.transaction(read_only=True) as session:
        found = unkept.listed(session, stores.by_name(session, name).id or 0, limit=AT_MOST)
    if as_json:
        documents.show_all(found)
        return
    for one in found:
        click.echo(
            f"{one.statement_id or 'without an id'}, fetched {one.came_at:%Y-%m-%d %H:%M}: {one.reason}"
        )
    if not found:
        click.echo(f"Everything that {name} sent is kept.")


@command.command("trust", epilog="Example: lms stores trust Leeds")
@click.argument("name")
@click.option("--no", "distrust", is_flag=True, help="Take the trust away again.")
def trust(name: str, distrust: bool) -> None:
    """Let what comes from a store, and came from it, count as completions."""
    with db.transaction() as session:
        now, store_id = clock.now(), stores.by_name(session, name).id or 0
        stores.trust(session, COMMAND_LINE, store_id, trusted=not distrust, now=now)
        made = reconciling.from_store(session, store_id, settings.current().base_url, now)
    click.echo(f"{name} is {'not ' if distrust else ''}trusted; {made.counted} of its statements count now.")


@command.command("change", epilog="Example: lms stores change Leeds --forward --no-pull")
@click.argument("name")
@click.option(
    "--forward/--no-forward", default=None, help="Send new statements there; as it is when left out."
)
@click.option("--pull/--no-pull", default=None, help="Fetch statements from there; as it is when left out.")
@click.option("--user", help="Our user name there, when it is another one now.")
@click.option("--password", is_flag=True, help="Ask for our new password there.")
def change(name: str, forward: bool | None, pull: bool | None, user: str | None, password: bool) -> None:
    """Do something else with a store, or sign in there in another way; one that was stopped begins again."""
    typed = click.prompt("Password", hide_input=True) if password else None
    with db.transaction() as session:
        found = stores.by_name(session, name)
        stores.change(
            session,
            COMMAND_LINE,
            found.id or 0,
            forwards=found.forwards if forward is None else forward,
            pulls=found.pulls if pull is None else pull,
            username=user,
            sealed=lrs.seal(typed, settings.current().secret_key) if typed else None,
            now=clock.now(),
        )
    click.echo(f"{name} is changed. A worker sends and fetches every few minutes.")


@command.command("stop", epilog="Example: lms stores stop Leeds")
@click.argument("name")
def stop(name: str) -> None:
    """Neither send to a store nor fetch from it any more."""
    with db.transaction() as session:
        stores.stop(session, COMMAND_LINE, name, now=clock.now())
    click.echo(f"{name} is stopped.")


@command.command("forward", epilog="Example: lms stores forward Leeds")
@click.argument("name")
def forward(name: str) -> None:
    """Send a store what waits for it, now; what it refused is sent again without waiting for its time."""
    with db.transaction() as session:
        store_id = stores.by_name(session, name).id or 0
        forwarding.at_once(session, store_id)
    _say(statements.forward(store_id), "sent")


@command.command("pull", epilog="Example: lms stores pull Leeds")
@click.argument("name")
def pull(name: str) -> None:
    """Fetch from a store what is new there, now."""
    with db.transaction(read_only=True) as session:
        store_id = stores.by_name(session, name).id or 0
    _say(statements.pull(store_id), "fetched")


def _say(moved: statements.Moved, did: str) -> None:
    click.echo(f"{moved.statements} statements {did}, {moved.refused} refused.")
    if moved.error:
        click.echo(moved.error, err=True)
        raise SystemExit(1)
