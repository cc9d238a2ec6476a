"""``lms roster watch``: lists that another system leaves in a folder, taken as soon as they are whole."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click

from lms import clock, db, drop, schema, settings, uploads
from lms.cli.covers import covers
from lms.cli.report import counts
from lms.drop import Inbox, Look
from lms.errors import Conflict, GoldenThreadError, Invalid, NotFound
from lms.rules import feed as rules
from lms.rules.access import EVERYTHING
from lms.rules.dates import day_in_london
from lms.rules.feed import Outcome
from lms.rules.roster.dates import of_list
from lms.services import feed, organisations, roster
from lms.services.feed import Fed
from lms.services.people import stored

PAUSE = 2.0
DAY = 24 * 3600.0
WATCHING = "watching"
SAID = {
    Outcome.STOPPED: "not applied; it waits for somebody to confirm it",
    Outcome.REFUSED: "not applied; it has errors",
}
REASONS = 10


@dataclass
class Watch:
    """One run: what is watched and how, what the files looked like last, and what was said already."""

    root: Path
    codes: frozenset[str]
    covers: str | None
    settle: float
    keep: int
    seen: dict[tuple[str, str], tuple[Look, float]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    not_applied: int = 0

    def complain(self, where: str, sentence: str) -> None:
        """Say what is wrong somewhere, once until it is something else."""
        if self.said.get(where) != sentence:
            self.said[where] = sentence
            click.echo(f"{where}: {sentence}", err=True)


@click.command("watch", epilog="Example: lms roster watch /srv/role-lists --covers all")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--organisation", "codes", multiple=True, help="Only this organisation's folder; may be repeated."
)
@click.option(
    "--covers",
    callback=covers,
    help="all, or unit=NAME: who is missing there has left. Without it nobody has.",
)
@click.option("--once", is_flag=True, help="Take what is there and end, as for cron.")
@click.option(
    "--settle",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="For how many seconds a file must not change before it is taken.",
)
@click.option(
    "--keep",
    default=7,
    show_default=True,
    type=click.IntRange(1, 90),
    help="For how many days files in done and refused are kept.",
)
def command(
    directory: Path, codes: tuple[str, ...], covers: str | None, once: bool, settle: float, keep: int
) -> None:
    """Take role lists that another system leaves in DIRECTORY/CODE, CODE being the organisation's code.

    A list is checked and applied like one that somebody uploads; what a person has to confirm waits for a person, and
    HR is told by mail. Its date is the one in its name (2026-06-30), else the day on which the file was last written.
    Afterwards the file is in done or refused, with a report beside it. With --once it ends with 1 where a list was
    not applied.
    """
    schema.require()
    if not directory.is_dir():
        raise NotFound(f"There is no folder {directory}. Make it, with a folder for each organisation in it.")
    watch = Watch(directory, frozenset(codes), covers, settle, keep)
    if once:
        if _looked(watch):
            time.sleep(settle)
        _pass(watch)
        if watch.not_applied or watch.said:
            raise click.exceptions.Exit(1)
        return
    _until_asked_to_stop(watch)


def _until_asked_to_stop(watch: Watch) -> None:
    """Look again and again; whoever asks us to stop waits until the list in hand is finished."""
    ending = threading.Event()
    before = {one: signal.signal(one, lambda *_: ending.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    click.echo(f"Watching {watch.root}   (Ctrl-C stops it)")
    try:
        while not ending.is_set():
            _pass(watch, ending)
            _note_watching()
            ending.wait(min(PAUSE, watch.settle or PAUSE))
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _note_watching() -> None:
    """Leave a mark for whoever asks whether we are still at it."""
    mark = settings.current().var / WATCHING
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _looked(watch: Watch) -> bool:
    """A first look at everything; whether there is anything to do."""
    found = False
    for code in _codes(watch):
        with _usable(watch, code), drop.opened(watch.root, code) as inbox:
            _whole(watch, inbox)
            found = bool(inbox.waiting() or inbox.taken()) or found
    return found


def _pass(watch: Watch, ending: threading.Event | None = None) -> None:
    """Every organisation once: first what is in hand since a crash, then what has come."""
    for code in _codes(watch):
        if ending is not None and ending.is_set():
            return
        with _usable(watch, code), drop.opened(watch.root, code) as inbox:
            if _whole(watch, inbox) or inbox.taken():
                with db.transaction(read_only=True) as session:
                    organisation_id = organisations.by_code(session, code).id or 0
                with db.alone(f"feed-{organisation_id}"):
                    _finish(watch, inbox, organisation_id)
                    if [inbox.take(look) for look in _whole(watch, inbox)]:
                        _finish(watch, inbox, organisation_id)
            inbox.clear(clock.now().timestamp() - watch.keep * DAY)


def _codes(watch: Watch) -> list[str]:
    """The folders that are watched."""
    try:
        found = drop.folders(watch.root)
    except OSError as error:
        watch.complain(str(watch.root), f"{watch.root} cannot be read: {error.strerror}.")
        return []
    for code in sorted(watch.codes - set(found)):
        watch.complain(code, f"There is no folder {watch.root / code}. Make it.")
    return [code for code in found if not watch.codes or code in watch.codes]


@contextmanager
def _usable(watch: Watch, code: str) -> Iterator[None]:
    """Says what keeps one organisation's folder from being used, and lets the others go on."""
    try:
        yield
    except Conflict:
        click.echo(f"{code}: another process is taking its lists at this moment.", err=True)
    except GoldenThreadError as error:
        watch.complain(code, error.message)
    except OSError as error:
        what = error.filename if isinstance(error.filename, str) else "the folder"
        watch.complain(code, f"{what} cannot be used: {error.strerror}.")
    else:
        watch.said.pop(code, None)


def _whole(watch: Watch, inbox: Inbox) -> list[Look]:
    """The files that have looked the same for long enough."""
    now, found = time.monotonic(), []
    looks = {(inbox.code, look.name): look for look in inbox.waiting()}
    for key in [key for key in watch.seen if key[0] == inbox.code and key not in looks]:
        del watch.seen[key]
    for key, look in looks.items():
        before, since = watch.seen.get(key, (look, now))
        watch.seen[key] = (look, since if before == look else now)
        if now - watch.seen[key][1] >= watch.settle:
            found.append(look)
    return found


def _finish(watch: Watch, inbox: Inbox, organisation_id: int) -> None:
    """Take every file in hand: kept, checked, applied and laid aside. Each step may be the second time."""
    base_url = settings.current().base_url
    looks = inbox.taken()
    arrived = [(look, _arrived(watch, inbox, look, organisation_id)) for look in looks]
    taken: object = arrived
    while taken:
        with db.transaction() as session:
            taken = feed.take(session, organisation_id, base_url=base_url, now=clock.now())
    for look, role_list_id in arrived:
        with db.transaction(read_only=True) as session:
            found = feed.one(session, EVERYTHING, organisation_id, role_list_id)
        document = json.dumps(found.document(base_url), ensure_ascii=False, indent=1).encode()
        where = drop.DONE if found.applied else drop.REFUSED
        name = inbox.finish(look, where, role_list_id, uploads.name_of(look.name), document)
        _tell(watch, inbox.code, uploads.name_of(look.name), found, name)


def _arrived(watch: Watch, inbox: Inbox, look: Look, organisation_id: int) -> int:
    """Keep what a file says; the list's number."""
    filename = uploads.name_of(look.name) or "list"
    written = day_in_london(datetime.fromtimestamp(look.modified, UTC))
    as_at = rules.day_in_name(filename) or min(written, clock.today())
    with db.transaction(read_only=True) as session:
        columns = roster.columns_of(session, organisation_id)
        known = stored.known(session, organisation_id)
    try:
        of_list(as_at, clock.today())
        with inbox.opened(look) as stream, uploads.received(stream) as file:
            digest = file.digest
            reading = uploads.read(file.path, filename, as_at=as_at, columns=columns, known=known)
    except (Invalid, OSError) as error:
        reason = (
            f"{error.message} Put the right date into its name."
            if isinstance(error, Invalid)
            else f"{filename} cannot be opened: {error.strerror}. Check its permissions."
        )
        digest = sha256(repr(look).encode("utf-8", "surrogatepass")).hexdigest()
        reading = uploads.unreadable(filename, as_at, reason)
    with db.transaction() as session:
        made = feed.arrive(
            session,
            organisation_id,
            reading,
            digest=digest,
            filename=filename,
            covers=watch.covers,
            fed_by=feed.FOLDER,
            now=clock.now(),
        )
    return made.id or 0


def _tell(watch: Watch, code: str, filename: str, found: Fed, now_at: str) -> None:
    report = found.report or {}
    if found.applied:
        click.echo(f"{code}/{filename}: applied, {counts(report)}. It is in {now_at}.")
        return
    watch.not_applied += 1
    click.echo(f"{code}/{filename}: {SAID[found.outcome] if found.outcome else found.state}.", err=True)
    for sentence in found.reasons[:REASONS]:
        click.echo(f"  {sentence}", err=True)
    if len(found.reasons) > REASONS:
        click.echo(f"  … and {len(found.reasons) - REASONS} more.", err=True)
    click.echo(f"  The file and a report are in {now_at}.", err=True)
