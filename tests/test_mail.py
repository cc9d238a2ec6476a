"""Mail goes to a server or a folder, once, and says why when it cannot."""

import socket
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from lms import mail
from lms.errors import Invalid, Unavailable
from tests.servers import Mailbox

NOON = datetime(2026, 6, 30, 11, tzinfo=UTC)


def letter(to: str = "amina@quarrelby.example", message_id: str = "<one@golden-thread>") -> EmailMessage:
    return mail.compose(
        message_id=message_id,
        sender="Golden Thread <golden-thread@partnership.example>",
        to=to,
        subject="ATR Foundation:\n due again",
        body="Dear Amélie,\n\nall is well.\n",
        at=NOON,
    )


def nothing() -> None:
    pass


def test_a_message_reaches_the_server(smtp: Mailbox) -> None:
    with mail.open_post(smtp.url) as post:
        post.send(letter(), nothing)
    (got,) = smtp.messages
    assert smtp.recipients == [["amina@quarrelby.example"]]
    assert got["Subject"] == "ATR Foundation: due again"
    assert got["Auto-Submitted"] == "auto-generated"
    assert "Amélie" in got.get_content()


def test_one_connection_carries_many_messages(smtp: Mailbox) -> None:
    with mail.open_post(smtp.url) as post:
        for number in range(3):
            post.send(letter(message_id=f"<{number}@golden-thread>"), nothing)
    assert len(smtp.messages) == 3


def test_the_door_is_passed_after_the_recipient_is_accepted_and_before_anything_can_arrive(
    smtp: Mailbox,
) -> None:
    smtp.refused["nobody@quarrelby.example"] = "550 5.1.1 No such mailbox"
    seen: list[int] = []
    with mail.open_post(smtp.url) as post:
        with pytest.raises(Invalid, match=r"refused the recipient: 550 5\.1\.1 No such mailbox"):
            post.send(letter("nobody@quarrelby.example"), lambda: seen.append(len(smtp.messages)))
        assert seen == []
        post.send(letter(), lambda: seen.append(len(smtp.messages)))
    assert seen == [0]
    assert len(smtp.messages) == 1


def test_a_mailbox_that_is_full_for_now_is_tried_again_later(smtp: Mailbox) -> None:
    smtp.refused["amina@quarrelby.example"] = "452 4.2.2 Mailbox full"
    with mail.open_post(smtp.url) as post, pytest.raises(Unavailable, match=r"452 4\.2\.2 Mailbox full"):
        post.send(letter(), nothing)


def test_a_server_that_is_away_is_named() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with mail.open_post(f"smtp://127.0.0.1:{port}") as post:
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1 does not answer"):
            post.send(letter(), nothing)
        with pytest.raises(Unavailable, match="does not answer"):
            post.check()


def test_a_server_that_hangs_up_after_taking_the_message_leaves_it_in_doubt(smtp: Mailbox) -> None:
    def hang_up() -> None:
        post._connection.sock.shutdown(socket.SHUT_WR)  # type: ignore[attr-defined]

    with mail.open_post(smtp.url) as post, pytest.raises(mail.Unanswered, match="may or may not"):
        post.send(letter(), hang_up)


def test_a_quiet_connection_that_was_dropped_is_opened_again(smtp: Mailbox) -> None:
    with mail.open_post(smtp.url) as post:
        post.send(letter(), nothing)
        post._connection.sock.close()  # type: ignore[attr-defined]
        post.send(letter(message_id="<two@golden-thread>"), nothing)
    assert len(smtp.messages) == 2


def test_no_password_goes_to_another_machine_without_tls(
    monkeypatch: pytest.MonkeyPatch, smtp: Mailbox
) -> None:
    monkeypatch.setattr(mail, "_loopback", lambda _host: False)
    url = smtp.url.replace("smtp://", "smtp://user:secret@")
    with mail.open_post(url) as post, pytest.raises(Unavailable, match="offers no TLS"):
        post.send(letter(), nothing)
    with (
        mail.open_post(smtp.url + "?tls=required") as post,
        pytest.raises(Unavailable, match="offers no TLS"),
    ):
        post.send(letter(), nothing)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amina",
        "amina@",
        "@quarrelby.example",
        "a b@quarrelby.example",
        "a@b,c@d.example",
        "a@intranet",
        "x@y.example\r\nBcc: z@y.example",
        "<a@b.example>",
    ],
)
def test_what_is_not_an_address_is_said(text: str) -> None:
    with pytest.raises(Invalid, match="is not an e-mail address"):
        letter(text)


def test_an_international_domain_is_written_in_plain_letters() -> None:
    assert str(letter("amina@bücher.example")["To"]) == "amina@xn--bcher-kva.example"


def test_the_outbox_keeps_each_message_once(tmp_path: Path) -> None:
    folder = tmp_path / "out box"
    with mail.open_post(folder.as_uri()) as post:
        assert post.has("<one@golden-thread>") is False
        post.send(letter(), nothing)
        post.send(letter(), nothing)
        assert post.has("<one@golden-thread>") is True
    (file,) = folder.iterdir()
    assert file.name == "one@golden-thread.eml"
    read = message_from_bytes(file.read_bytes(), policy=default)
    assert read["To"] == "amina@quarrelby.example"
    assert "Amélie" in read.get_content()


def test_a_message_stopped_at_the_door_leaves_nothing_behind_that_counts(tmp_path: Path) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    with mail.open_post(tmp_path.as_uri()) as post:
        with pytest.raises(KeyboardInterrupt):
            post.send(letter(), killed)
        assert post.has("<one@golden-thread>") is False
    assert list(tmp_path.glob("*.eml")) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        mail.open_post((tmp_path / "file").as_uri()) as post,
        pytest.raises(Unavailable, match="cannot be written"),
    ):
        post.check()
