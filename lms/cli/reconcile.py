"""``lms statements reconcile``: what would count if it were known, and the decisions that let it count."""

import click

from lms import clock, db, settings
from lms.cli import documents
from lms.rules.completions import Reason
from lms.rules.statements import terms
from lms.services import organisations
from lms.services.audit import COMMAND_LINE
from lms.services.completions import reconciling, waiting
from lms.services.completions.projecting import Projected
from lms.services.completions.resolving import ACCEPTED, REOPENED, SET_ASIDE
from lms.services.people import finding
from lms.services.training_map import aliases

EXAMPLE = """\b
Examples:
  lms statements reconcile
  lms statements reconcile actor "mbox mailto:ada@home.example" --organisation QUA-NHS --employee 21000143
  lms statements reconcile activity https://lms.example.org/course/7 --module ATR-F
  lms statements reconcile show https://lms.example.org/course/8 --ids | xargs lms statements reconcile set-aside
  lms keys trust gt0123456789abcdef
"""
AT_MOST = 1_000


@click.group("reconcile", invoke_without_command=True, epilog=EXAMPLE)
@click.option("--retry", is_flag=True, help="Look at all of them again first.")
@click.option("--reason", type=click.Choice([one.value for one in Reason]), help="Only those with this one.")
@click.option("--organisation", metavar="CODE", help="Only what the keys of this organisation brought.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def command(
    ctx: click.Context, retry: bool, reason: str | None, organisation: str | None, as_json: bool
) -> None:
    """List what would count as a completion if it were known, with the reason; and let it count.

    A statement itself is never changed. Every decision can be taken back.
    """
    if ctx.invoked_subcommand is not None:
        return
    with db.transaction(read_only=not retry) as session:
        if retry:
            reconciling.retry(session, settings.current().base_url, clock.now())
        found = waiting.listed(
            session,
            reason=Reason(reason) if reason else None,
            organisation_id=organisations.by_code(session, organisation).id if organisation else None,
            limit=AT_MOST,
        )
    if as_json:
        documents.show_all(found)
        return
    for one in found:
        click.echo(f"{one.statements} × {one.about}: {one.because}")
    if not found:
        click.echo("Everything that would count does.")


@command.command("show", epilog='Example: lms statements reconcile show "mbox mailto:ada@home.example"')
@click.argument("about")
@click.option("--ids", is_flag=True, help="Only the ids of the statements.")
def show(about: str, ids: bool) -> None:
    """Print the statements that wait for an actor, an activity, a key or a day, as the list names it."""
    with db.transaction(read_only=True) as session:
        for item in waiting.of_text(session, about):
            for one in waiting.statements(session, item, limit=item.statements):
                click.echo(one.statement_id if ids else one.payload.replace("\n", " "))


@command.command(
    "actor",
    epilog='Example: lms statements reconcile actor "mbox mailto:ada@home.example" --organisation QUA --employee 7',
)
@click.argument("identity")
@click.option("--organisation", metavar="CODE", help="Where the person works.")
@click.option("--employee", metavar="NUMBER", help="The person's employee number there.")
@click.option("--take-back", is_flag=True, help="Let the actor be nobody again.")
def actor(identity: str, organisation: str | None, employee: str | None, take_back: bool) -> None:
    """Decide that an actor, as the list names it, is a person: for all statements, past and to come."""
    base_url, now = settings.current().base_url, clock.now()
    if not take_back and not (organisation and employee):
        raise click.UsageError("Name the person with --organisation and --employee, or say --take-back.")
    with db.transaction() as session:
        if take_back:
            term = terms.term(terms.AGENT, identity)
            made = reconciling.unmatch_actor(session, COMMAND_LINE, term, base_url, now=now)
        else:
            place = organisations.by_code(session, organisation or "")
            person = finding.by_number(session, place.id or 0, employee or "")
            made = reconciling.match_actor(session, COMMAND_LINE, identity, person, base_url, now=now)
    _say(made)


@command.command(
    "activity",
    epilog="Example: lms statements reconcile activity https://lms.example.org/course/7 --module ATR-F",
)
@click.argument("iri")
@click.option("--module", metavar="CODE", help="The module that it means.")
@click.option("--take-back", is_flag=True, help="Let the activity mean nothing again.")
def activity(iri: str, module: str | None, take_back: bool) -> None:
    """Point an activity at a module: statements about it count as the module's.

    If you load modules.csv, write the activity into its column aliases too; the file says what a module's are.
    """
    base_url, now = settings.current().base_url, clock.now()
    if not take_back and not module:
        raise click.UsageError("Name the module with --module, or say --take-back.")
    with db.transaction() as session:
        if take_back:
            alias_id = aliases.by_iri(session, iri)
            aliases.take_back(session, alias_id, actor=COMMAND_LINE, now=now)
        else:
            aliases.point(session, module or "", iri, actor=COMMAND_LINE, now=now)
        made = reconciling.about_activity(session, iri, base_url, now)
    _say(made)


def _decision(name: str, decision: str, words: str) -> None:
    @click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
    def decide(ids: tuple[object, ...]) -> None:
        with db.transaction() as session:
            places = waiting.places_of(session, [str(one) for one in ids])
            made = reconciling.decide(
                session, COMMAND_LINE, places, decision, settings.current().base_url, now=clock.now()
            )
        _say(made)

    example = f"Example: lms statements reconcile {name} 7c0f6cf3-8e1a-4f53-9c7e-2b3f5d1a6e90"
    command.command(name, help=words, epilog=example)(decide)


_decision("accept", ACCEPTED, "Count statements whose clock was ahead, on the day on which they were stored.")
_decision(
    "set-aside", SET_ASIDE, "Decide that statements are not ours: they stay in the log, and never count."
)
_decision("reopen", REOPENED, "Take back that statements were accepted or set aside.")


def _say(made: Projected) -> None:
    click.echo(f"{made.counted} count now, {made.open} wait.")
