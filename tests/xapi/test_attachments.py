"""Attachments in and out, and signed statements."""

import base64
import json
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey
from werkzeug.test import TestResponse

from lms.rules.statements.attachments import SIGNATURE
from tests import statements as made
from tests.xapi.conftest import Client

TEXT = b"certificate \x00\r\n--not a boundary\xff"


def part(content: bytes, **headers: Any) -> bytes:
    fields = {
        "Content-Type": "text/plain",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": sha256(content).hexdigest(),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return head.encode() + b"\r\n" + content


def body(statement: Any, *parts: bytes, boundary: str = "b0undary", end: bytes = b"--\r\n") -> bytes:
    first = b"Content-Type: application/json\r\n\r\n" + json.dumps(statement).encode()
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in (first, *parts)) + mark + end


def send(client: Client, content: bytes, boundary: str = "b0undary") -> TestResponse:
    return client.ask(
        "POST", "statements", data=content, content_type=f'multipart/mixed; boundary="{boundary}"'
    )


def test_what_is_attached_comes_back_byte_for_byte(client: Client) -> None:
    one = made.simple(id=str(uuid4()), attachments=[made.attachment(TEXT)])
    other = made.simple(attachments=[made.attachment(TEXT), made.attachment(b"", contentType="image/png")])
    empty = part(b"", **{"Content-Type": "image/png"})
    answer = send(client, body([one, other], part(TEXT), empty))
    assert answer.status_code == 200, answer.text
    plain = client.ask("GET", "statements", {"attachments": "false"})
    assert plain.content_type == "application/json"
    answer = client.ask("GET", "statements", {"attachments": "true"})
    assert answer.content_type.startswith("multipart/mixed")
    message = BytesParser().parsebytes(f"Content-Type: {answer.content_type}\r\n\r\n".encode() + answer.data)
    parts: Any = message.get_payload()
    assert parts[0].get_content_type() == "application/json"
    assert {one["X-Experience-API-Hash"] for one in parts[1:]} == {
        sha256(TEXT).hexdigest(),
        sha256(b"").hexdigest(),
    }
    assert b"\r\n\r\n" + TEXT + b"\r\n--" in answer.data
    single = client.ask("GET", "statements", {"attachments": "true", "statementId": one["id"]})
    assert single.data.count(b"X-Experience-API-Hash") == 1


@pytest.mark.parametrize(
    "content",
    [
        body(made.simple(attachments=[made.attachment(TEXT)])),
        body(made.simple(), part(TEXT)),
        body(made.simple(attachments=[made.attachment(TEXT)]), part(TEXT, **{"X-Experience-API-Hash": None})),
        body(
            made.simple(attachments=[made.attachment(TEXT)]),
            part(TEXT, **{"X-Experience-API-Hash": "0" * 64}),
        ),
        body(made.simple(attachments=[made.attachment(TEXT)]), part(TEXT, **{"X-Experience-API-Hash": "zz"})),
        body(
            made.simple(attachments=[made.attachment(TEXT)]),
            part(TEXT, **{"Content-Transfer-Encoding": "base64"}),
        ),
        body(made.simple(attachments=[made.attachment(TEXT)]), part(TEXT, **{"Content-Type": "image/png"})),
        body(made.simple(attachments=[made.attachment(TEXT)]), part(TEXT), end=b""),
        body(made.simple(attachments=[made.attachment(TEXT)]), part(TEXT))[:-30],
        body(made.simple(attachments=[made.attachment(TEXT)]), part(TEXT), boundary="another"),
        body(made.simple(attachments=[made.attachment(TEXT)]), part(TEXT)).replace(
            b"application/json", b"text/plain"
        ),
        body(made.simple(attachments=[made.attachment(TEXT)]), b"no blank line"),
        b"",
        b"--b0undary--",
        b"--b0undary\r\n\r\n{}",
    ],
)
def test_parts_that_are_missing_wrong_or_cut_short_are_refused(client: Client, content: bytes) -> None:
    answer = send(client, content)
    assert answer.status_code == 400, answer.text
    assert client.find() == []


def test_a_statement_sent_again_brings_no_data(client: Client) -> None:
    there = made.attachment(TEXT, fileUrl="https://example.org/certificate")
    one, new = (
        made.simple(id=str(uuid4()), attachments=[found]) for found in (there, made.attachment(b"new"))
    )
    assert client.post(one).status_code == 200
    assert send(client, body(one, part(TEXT))).status_code == 200
    assert TEXT not in client.ask("GET", "statements", {"attachments": "true"}).data
    assert send(client, body([one, new], part(TEXT), part(b"new"))).status_code == 200
    found = client.ask("GET", "statements", {"attachments": "true"}).data
    assert TEXT not in found
    assert b"\r\n\r\nnew\r\n--" in found


def test_without_parts_an_attachment_needs_an_address(client: Client) -> None:
    assert client.post(made.simple(attachments=[made.attachment(TEXT)])).status_code == 400
    there = made.attachment(TEXT, fileUrl="https://example.org/certificate")
    assert client.post(made.simple(attachments=[there])).status_code == 200


# --- Signatures -----------------------------------------------------------------------------------------

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Signer")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made_ = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, SHA256())
    )
    return base64.b64encode(made_.public_bytes(Encoding.DER)).decode()


def signed(statement: dict[str, Any], payload: Any = None, key: Any = KEY, **header: Any) -> bytes:
    content = json.dumps(statement if payload is None else payload).encode()
    given = {"alg": "RS256", **header}
    chosen = OctKey.import_key("k" * 32) if given["alg"].startswith("HS") else RSAKey.import_key(key)
    return jws.serialize_compact(given, content, chosen, algorithms=[given["alg"]]).encode()


def send_signed(
    client: Client, statement: dict[str, Any], signature: bytes, kind: str = "application/octet-stream"
) -> int:
    announced = made.attachment(signature, usageType=SIGNATURE, contentType=kind)
    content = body({**statement, "attachments": [announced]}, part(signature, **{"Content-Type": kind}))
    return send(client, content).status_code


def test_a_signed_statement_is_kept(client: Client) -> None:
    for algorithm in ("RS256", "RS384", "RS512"):
        one = made.simple(id=str(uuid4()))
        assert send_signed(client, one, signed(one, alg=algorithm)) == 200
    one = made.simple(id=str(uuid4()))
    assert send_signed(client, one, signed(one, x5c=[certificate(KEY)])) == 200


@pytest.mark.parametrize(
    "signature",
    [
        signed(made.simple(), made.simple(verb={"id": "x:y"})),
        signed(made.simple(), alg="HS256"),
        signed(made.simple(), [1]),
        signed(made.simple(), {"actor": 1, "verb": 2, "object": 3}),
        signed(made.simple(), x5c=[certificate(OTHER)]),
        signed(made.simple(), x5c=["nonsense"]),
        signed(made.simple(), x5c=[]),
        b"not a signature",
        b"a.b.c",
        b"",
        b"\xff\xfe.\x00.",
    ],
)
def test_a_signature_that_is_malformed_is_refused(client: Client, signature: bytes) -> None:
    assert send_signed(client, made.simple(), signature) == 400


def test_a_signature_is_bytes(client: Client) -> None:
    assert send_signed(client, made.simple(), signed(made.simple()), "text/plain") == 400
