"""The way out for mail: an SMTP server, or a folder of ``.eml`` files."""

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from lms.errors import Invalid, Unavailable

CONNECT_SECONDS = 10
ANSWER_SECONDS = 60
UNANSWERED = "The mail server did not answer when it had the message, so it may or may not have arrived."


class Away(Unavailable):
    """Nothing at all goes this way at present."""


class Unanswered(Unavailable):
    """The message went out and the server's answer never came: it may or may not have arrived."""


class Post(Protocol):
    """An open way out."""

    def send(self, message: EmailMessage, at_the_door: Callable[[], None]) -> None:
        """Deliver one message. ``at_the_door`` is called once, at the last moment before it can be taken.

        :raises Invalid: when this message or its recipient is refused for good; says what the server said.
        :raises Unanswered: when it went out and no answer came.
        :raises Away: when it has not gone, and no other would.
        :raises Unavailable: when it has not gone and may go later.
        """

    def has(self, message_id: str) -> bool | None:
        """Whether this message was handed over; None where nobody can say."""

    def check(self) -> None:
        """Try the way out without sending anything.

        :raises Unavailable: saying what is wrong.
        """


@contextmanager
def open_post(url: str) -> Iterator[Post]:
    """The way out named by ``LMS_MAIL_URL``.

    ``file:///folder`` writes files. ``smtp://host`` speaks TLS where the server offers it, and always where a
    password goes to another machine; ``?tls=required`` or ``?tls=never`` settles it. ``smtps://`` is TLS from
    the first byte. A connection is made when the first message goes.
    """
    if url.startswith("file:"):
        parts = urlsplit(url)
        # file://var/outbox is meant as a folder below this one, whatever the standard says of its host.
        host = "" if parts.netloc == "localhost" else parts.netloc
        yield Outbox(Path(unquote(host + parts.path)))
        return
    server = Server(url)
    try:
        yield server
    finally:
        server.close()


def message_id(uuid: str, sender: str) -> str:
    """The same for every try, so that a folder, and many a mail server, knows a message again."""
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{uuid}@{domain}>"


def compose(*, message_id: str, sender: str, to: str, subject: str, body: str, at: datetime) -> EmailMessage:
    """A plain-text message that answering machines leave alone.

    :raises Invalid: when the address cannot be one.
    """
    message = EmailMessage()
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(at)
    message["From"] = sender
    message["To"] = address(to)
    message["Subject"] = " ".join(subject.split())
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(body)
    return message


def address(text: str) -> Address:
    """One address, as role lists give it.

    :raises Invalid: when it cannot be one.
    """
    name, _, domain = text.strip().rpartition("@")
    try:
        known = domain == "localhost" or "." in domain.strip(".")
        if not name or not known or set(text.strip()) & set(' ,;<>"\r\n\t'):
            raise ValueError(text)
        # Only the domain has a form in plain letters; a name outside a to z needs a server that takes it.
        return Address(username=name, domain=domain if domain.isascii() else domain.encode("idna").decode())
    except (ValueError, IndexError) as error:
        raise Invalid(f"{text[:100]!r} is not an e-mail address.") from error


class Outbox:
    """A folder in which each message becomes one file, named by its Message-ID."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, at_the_door: Callable[[], None]) -> None:
        path = self._path(message["Message-ID"])
        part = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(message.as_bytes(policy=SMTPUTF8))
                file.flush()
                os.fsync(file.fileno())
            at_the_door()
            part.replace(path)
        except OSError as error:
            raise Away(f"The folder {self.folder} cannot be written: {error.strerror}.") from error

    def has(self, message_id: str) -> bool | None:
        return self._path(message_id).exists()

    def check(self) -> None:
        probe = self.folder / ".probe"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink(missing_ok=True)
        except OSError as error:
            raise Away(f"The folder {self.folder} cannot be written: {error.strerror}.") from error

    def _path(self, message_id: str) -> Path:
        name = "".join(character for character in message_id if character.isalnum() or character in "-.@")
        return self.folder / f"{name.lstrip('.')}.eml"


class Server:
    """One connection to an SMTP server, opened again when it was lost."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._port = parts.port
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._implicit = parts.scheme == "smtps"
        self._tls = (parse_qs(parts.query).get("tls") or ["offered"])[-1]
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, at_the_door: Callable[[], None]) -> None:
        connection = self._connected()
        gone = False
        try:
            international = not f"{message['From']}{message['To']}".isascii()
            if international and not connection.has_extn("smtputf8"):
                raise Invalid("The mail server cannot send to an address with letters outside a to z.")
            policy = SMTPUTF8 if international else SMTP
            sender = message["From"].addresses[0].addr_spec
            options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
            self._expect(connection.mail(sender, options), "sender")
            self._expect(connection.rcpt(message["To"].addresses[0].addr_spec), "recipient")
            content = message.as_bytes(policy=policy)
            at_the_door()
            gone = True
            self._expect(connection.data(content), "message")
        except smtplib.SMTPDataError as error:
            self._expect((error.smtp_code, error.smtp_error), "message")
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            if gone:
                raise Unanswered(UNANSWERED) from error
            raise Away(f"The mail server {self._host} broke off: {error}.") from error

    def has(self, _message_id: str) -> bool | None:
        return None

    def check(self) -> None:
        connection = self._connected()
        try:
            connection.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise Away(f"The mail server {self._host} broke off: {error}.") from error

    def close(self) -> None:
        """Say goodbye, if anybody is listening."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
            self._connection = None

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None:
            # Servers drop a connection that was quiet for a while; that is no reason to trouble anybody.
            with suppress(smtplib.SMTPException, OSError):
                if self._connection.rset()[0] == 250:
                    return self._connection
            self.close()
        try:
            self._connection = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            raise Away(
                f"The mail server {self._host} does not accept the name and password in LMS_MAIL_URL."
            ) from error
        except ssl.SSLError as error:
            raise Away(
                f"No safe connection to the mail server {self._host}: {error}. Correct its certificate, or, "
                "inside your own network only, add ?tls=never to LMS_MAIL_URL."
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Away(f"The mail server {self._host} does not answer: {error}.") from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if self._implicit:
            connection = smtplib.SMTP_SSL(
                self._host, self._port or 465, timeout=CONNECT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port or 25, timeout=CONNECT_SECONDS)
        try:
            connection.ehlo_or_helo_if_needed()
            if not self._implicit and self._tls != "never":
                if connection.has_extn("starttls"):
                    connection.starttls(context=context)
                    connection.ehlo()
                elif self._tls == "required" or (self._user and not _loopback(self._host)):
                    raise Unavailable(
                        f"The mail server {self._host} offers no TLS, so nothing is sent to it."
                    )
            if self._user:
                connection.login(self._user, self._password)
            if connection.sock is not None:
                connection.sock.settimeout(ANSWER_SECONDS)
        except BaseException:
            connection.close()
            raise
        return connection

    def _expect(self, answer: tuple[int, bytes | str], about: str) -> None:
        """A 5xx about the recipient or message is for good; about the sender it is our configuration."""
        code, text = answer
        if 200 <= code < 300:
            return
        said = text.decode(errors="replace") if isinstance(text, bytes) else text
        said = f"{code} {' '.join(said.split())}"[:300]
        if code >= 500 and about != "sender":
            raise Invalid(f"The mail server refused the {about}: {said}")
        if about == "sender":
            raise Away(f"The mail server did not take the sender: {said}. Check LMS_MAIL_FROM.")
        raise Unavailable(f"The mail server did not take the {about} yet: {said}")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
