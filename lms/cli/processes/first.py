"""``lms init``: the schema, and the first administrator."""

import click

from lms import clock, db, schema, settings
from lms.schema import upgrading
from lms.services import accounts
from lms.services.audit import COMMAND_LINE

EMAIL = "administrator@localhost.localdomain"
PATIENCE = 60


@click.command("init", epilog="Example: lms init --email ruth.okafor@westyorkshire.example")
@click.option("--email", help="The first administrator's address; LMS_ADMIN_EMAIL without it.")
@click.option("--name", default="Administrator", show_default=True, help="The first administrator's name.")
def command(email: str | None, name: str) -> None:
    """Create or upgrade the schema, and the first administrator. Doing it again changes nothing."""
    for line in prepare(email, name):
        click.echo(line)


def prepare(email: str | None = None, name: str = "Administrator") -> list[str]:
    """Make the database ready, and say what was done. Two at once: the second waits and finds it done."""
    upgraded = upgrading.upgrade()
    said = [f"The database is {'now' if upgraded else 'already'} at version {schema.needed()}."]
    with db.alone("first-administrator", patience=PATIENCE), db.transaction() as session:
        if accounts.has_administrator(session):
            return said
        address = email or settings.current().admin_email or EMAIL
        _, password = accounts.first_administrator(
            session, COMMAND_LINE, email=address, name=name, now=clock.now()
        )
    return [
        *said,
        f"First administrator: {address}",
        f"One-time password:   {password}",
        "It is shown only now. You choose your own when you sign in.",
    ]
