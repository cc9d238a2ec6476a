"""What can be set: one frozen object, and the only reader of the environment."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from lms.errors import Invalid

DATABASE_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg", "postgres")


@dataclass(frozen=True)
class Settings:
    """One process's configuration.

    An unset address means the embedded default: SQLite under ``var``, a worker beside the web server that
    takes its jobs from a folder, mail written as files.
    """

    var: Path
    database_url: str
    redis_url: str | None
    mail_url: str
    base_url: str
    secret_key: str
    mail_from: str
    max_upload_bytes: int
    proxies: int
    admin_email: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether jobs go through a folder to a worker on this machine."""
        return self.redis_url is None

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over HTTPS."""
        return self.base_url.startswith("https://")


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment.

    :raises Invalid: naming the variable that is wrong.
    """
    var = Path(environ.get("LMS_VAR", "var")).absolute()
    return Settings(
        var=var,
        database_url=_database(environ.get("LMS_DATABASE_URL"), var),
        redis_url=_address(environ, "LMS_REDIS_URL", ("redis", "rediss", "unix")),
        mail_url=_address(environ, "LMS_MAIL_URL", ("smtp", "smtps", "file")) or f"file://{var / 'outbox'}",
        base_url=(_address(environ, "LMS_BASE_URL", ("http", "https")) or "http://127.0.0.1:8000").rstrip(
            "/"
        ),
        secret_key=_secret_key(environ, var),
        mail_from=environ.get("LMS_MAIL_FROM") or "Golden Thread <golden-thread@localhost>",
        max_upload_bytes=_whole(environ, "LMS_MAX_UPLOAD_MB", 300, 1, 4096) * 1024 * 1024,
        proxies=_whole(environ, "LMS_PROXIES", 0, 0, 5),
        admin_email=environ.get("LMS_ADMIN_EMAIL", "").strip() or None,
    )


@cache
def current() -> Settings:
    """The settings of this process."""
    return load(os.environ)


def adopt(values: Mapping[str, str]) -> Settings:
    """Use these settings instead of the configured ones, here and in the processes started from here."""
    for name in [name for name in os.environ if name.startswith("LMS_")]:
        del os.environ[name]
    os.environ.update(values)
    current.cache_clear()
    return current()


def without(prefixes: tuple[str, ...]) -> frozenset[str]:
    """Unset every variable whose name begins so, here and in the processes started from here; the names of the rest."""
    for name in [name for name in os.environ if name.startswith(prefixes)]:
        del os.environ[name]
    return frozenset(os.environ)


def folder() -> Path:
    """``var``, where everything embedded is kept, whatever the other settings say."""
    return Path(os.environ.get("LMS_VAR", "var")).absolute()


def _database(url: str | None, var: Path) -> str:
    if not url:
        return f"sqlite:///{var / 'golden-thread.sqlite3'}"
    scheme = url.partition(":")[0]
    if scheme not in DATABASE_SCHEMES or "://" not in url:
        raise Invalid(
            "LMS_DATABASE_URL is not a database address. Use sqlite:///path/to/file or "
            "postgresql://user:password@host/name, or leave it unset for SQLite in the folder var."
        )
    if scheme in ("postgres", "postgresql"):
        return "postgresql+psycopg" + url[len(scheme) :]
    return url


def _address(environ: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    url = environ.get(name, "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        valid = parts.scheme in schemes and bool(parts.netloc or parts.path) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise Invalid(f"{name} is not an address. It starts with {' or '.join(s + '://' for s in schemes)}.")
    return url


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        raise Invalid(f"{name} is a whole number from {least} to {most}.")
    return int(text)


def _secret_key(environ: Mapping[str, str], var: Path) -> str:
    """The key that signs sessions; made once and kept in ``var`` when none is given and nothing else is set."""
    key = environ.get("LMS_SECRET_KEY", "")
    if key:
        if len(key) < 32:
            raise Invalid("LMS_SECRET_KEY is too short. Use 32 characters or more.")
        return key
    if environ.get("LMS_DATABASE_URL", "").startswith("postgres"):
        raise Invalid(
            "LMS_SECRET_KEY is not set. Set it to 32 or more random characters, the same on every machine."
        )
    path = var / "secret-key"
    var.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Linked into place when complete: two processes that start at once end up with the same key.
        draft = var / f".secret-key-{secrets.token_hex(8)}"
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
