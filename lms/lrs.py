"""Other record stores over HTTP, with the client of Ralph: statements sent and fetched as they are."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import httpx
from cryptography.fernet import Fernet, InvalidToken
from ralph.backends.data.lrs import (  # type: ignore[import-untyped]
    LRSDataBackend,
    LRSDataBackendSettings,
)

from lms.errors import Invalid, Unavailable
from lms.rules.statements import equality, multipart, strict_json
from lms.rules.statements.refusal import Refused

OLDER, NEWER = "1.0.3", "2.0.0"
VERSION_HEADER = "X-Experience-API-Version"
PATIENCE = 30.0
PAGE = 200


@dataclass(frozen=True, slots=True)
class Store:
    """Where a store is and who we are there."""

    address: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a store made of statements: taken, refused (with what it said), or here already."""

    taken: bool
    conflict: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Statements of a store: texts, data attached by SHA-2, where the next page is, and up to when all are there."""

    texts: tuple[str, ...]
    attachments: dict[str, bytes]
    more: str | None
    through: str | None


def seal(password: str, secret_key: str) -> str:
    """A password as it is kept: only with this system's own key can it be read."""
    return _fernet(secret_key).encrypt(password.encode()).decode()


def unseal(sealed: str, secret_key: str) -> str:
    """The password again.

    :raises Invalid: when it was sealed with another key.
    """
    try:
        return _fernet(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Invalid(
            "The password of this store was kept under another LMS_SECRET_KEY. Add the store again."
        ) from None


def send(store: Store, payloads: Sequence[str], attachments: Sequence[tuple[str, str, bytes]]) -> Answer:
    """Post statements, with the very bytes that are kept.

    :raises Unavailable: when the store does not answer, is overloaded, or does not let us in.
    """
    body = ("[" + ",".join(payloads) + "]").encode()
    kind = "application/json"
    if attachments:
        pieces, kind = multipart.joined(body, attachments)
        body = b"".join(pieces)
    answer = _ask(store, "POST", f"{store.address}/statements", content=body, headers={"Content-Type": kind})
    if answer.status_code < 300:
        return Answer(taken=True)
    said = f"{answer.status_code}: {answer.text[:400]}"
    if answer.status_code in (401, 403, 404, 408, 429) or answer.status_code >= 500:
        raise Unavailable(f"The store does not take statements at the moment ({said}).")
    return Answer(taken=False, conflict=answer.status_code == 409, message=said)


def has(store: Store, payload: str) -> bool:
    """Whether a store has this very statement already, void or not.

    :raises Unavailable: when the store does not answer.
    """
    ours = json.loads(payload)
    for name in ("statementId", "voidedStatementId"):
        answer = _ask(store, "GET", f"{store.address}/statements", params={name: ours["id"]})
        if answer.status_code == 200:
            try:
                return equality.same(ours, strict_json.parse(answer.text))
            except (Refused, KeyError, TypeError, AttributeError, ValueError):
                return False
    return False


def fetch(store: Store, *, since: str | None = None, more: str | None = None) -> Page:
    """A page of statements in the order in which they were stored: after ``since``, or the one at ``more``.

    :raises Unavailable: when the store does not answer as a store does.
    """
    if more:
        target = urljoin(store.address, more)
        if urlsplit(target).netloc != urlsplit(store.address).netloc:
            raise Unavailable("The store's next page is at another address, where our password is not for.")
        answer = _ask(store, "GET", target)
    else:
        query = {"ascending": "true", "attachments": "true", "limit": str(PAGE)}
        if since:
            query["since"] = since
        answer = _ask(store, "GET", f"{store.address}/statements", params=query)
    if answer.status_code != 200:
        raise Unavailable(f"The store gives no statements ({answer.status_code}: {answer.text[:400]}).")
    try:
        return _read(answer)
    except (Refused, KeyError, TypeError) as error:
        said = error.message if isinstance(error, Refused) else "it is no list of statements"
        raise Unavailable(f"The store's answer cannot be read: {said}") from error


def _read(answer: httpx.Response) -> Page:
    body, data = answer.content, {}
    kind = answer.headers.get("Content-Type", "")
    if kind.lower().startswith("multipart/mixed"):
        first, *others = multipart.split(body, kind)
        body = first.content
        data = {sha2: part.content for sha2, part in multipart.attachments(others).items()}
    text = strict_json.decode(body)
    value = strict_json.parse(text)
    more = value.get("more") or None
    texts: tuple[str, ...] = ()
    for name, _, start, end in strict_json.members(text, text.index("{")):
        if name == "statements":
            texts = tuple(
                text[start:end][first:last] for _, first, last in strict_json.elements(text[start:end])
            )
    return Page(texts, data, more, answer.headers.get("X-Experience-API-Consistent-Through"))


def _ask(store: Store, method: str, address: str, **more: Any) -> httpx.Response:
    headers = {VERSION_HEADER: _version(store), **more.pop("headers", {})}
    return _request(store, method, address, headers=headers, **more)


def _request(store: Store, method: str, address: str, **more: Any) -> httpx.Response:
    try:
        return _client(store).request(method, address, timeout=PATIENCE, **more)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"The store does not answer ({type(error).__name__}: {error}).") from error


@lru_cache(maxsize=16)
def _client(store: Store) -> httpx.Client:
    settings = LRSDataBackendSettings(
        BASE_URL=store.address, USERNAME=store.username, PASSWORD=store.password
    )
    return cast(httpx.Client, LRSDataBackend(settings).client)


@lru_cache(maxsize=16)
def _version(store: Store) -> str:
    """The newest version that both speak; a store that does not say is taken to speak the older one."""
    answer = _request(store, "GET", f"{store.address}/about", headers={VERSION_HEADER: OLDER})
    try:
        spoken = answer.json()["version"] if answer.status_code == 200 else []
        return NEWER if any(str(one).startswith("2.0") for one in spoken) else OLDER
    except (ValueError, KeyError, TypeError):
        return OLDER


def _fernet(secret_key: str) -> Fernet:
    digest = blake2b(secret_key.encode(), digest_size=32, person=b"record stores").digest()
    return Fernet(urlsafe_b64encode(digest))
