"""The web application: the only place where Flask is put together."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from lms import api, queue, xapi
from lms.settings import Settings
from lms.web import (
    about,
    accounts,
    bodies,
    coverage,
    decisions,
    guard,
    headers,
    health,
    home,
    menu,
    people,
    record,
    refusals,
    roster,
    sessions,
    standing,
    training_map,
    words,
)

PAGES: tuple[Blueprint, ...] = (
    health.blueprint,
    about.blueprint,
    accounts.blueprint,
    home.blueprint,
    standing.blueprint,
    people.blueprint,
    coverage.blueprint,
    training_map.blueprint,
    decisions.blueprint,
    roster.blueprint,
    sessions.blueprint,
    record.blueprint,
)
# These have keys instead of sessions and forms; each has its own guard.
MACHINES: tuple[Blueprint, ...] = (api.blueprint,)

WORKING_DAY = timedelta(hours=12)


def create_app(chosen: Settings) -> Flask:
    """The application with these settings. It opens no database before the first request."""
    app = _App("lms.web", static_url_path="/assets")
    app.config.update(
        SECRET_KEY=chosen.secret_key,
        # The prefix makes browsers refuse the cookie from anywhere but this very host over HTTPS.
        SESSION_COOKIE_NAME="__Host-golden-thread" if chosen.secure else "golden-thread",
        SESSION_COOKIE_SECURE=chosen.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=WORKING_DAY,
        MAX_CONTENT_LENGTH=chosen.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=20_000,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=7),
        # A form may stay open for as long as its session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = _SessionsOfPages()
    app.url_map.converters["int"] = _IntegerOfARow
    _prepare_templates(app)
    for blueprint in PAGES + MACHINES:
        app.register_blueprint(blueprint)
    bodies.install(app)
    guard.install(app, MACHINES)
    headers.install(app, secure=chosen.secure)
    refusals.install(app)
    queue.configure(chosen)
    of_record = (*headers.always(secure=chosen.secure).items(), headers.NOT_KEPT)
    record_store = xapi.Record(chosen.max_upload_bytes, of_record)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {xapi.PREFIX: record_store})  # type: ignore[method-assign]
    if chosen.proxies:
        hops = chosen.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


class _App(Flask):
    """No view of ours is asynchronous, so none is looked at for that at every request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class _IntegerOfARow(IntegerConverter):
    """A number that a row can have. What no database can hold is the address of nothing, not an error."""

    def __init__(self, of: Map, fixed_digits: int = 0, *, signed: bool = False) -> None:
        lowest, highest = (-(2**63), 2**63 - 1) if signed else (0, 2**31 - 1)
        super().__init__(of, fixed_digits, lowest, highest, signed)


class _SessionsOfPages(SecureCookieSessionInterface):
    """Sessions for people; a machine has its key, and is spared the reading of a cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith("/api/"):
            return self.make_null_session(app)
        return super().open_session(app, request)


def _prepare_templates(app: Flask) -> None:
    app.jinja_options = {
        # The macros of nhsuk-frontend reach into parameters that were not given.
        "undefined": ChainableUndefined,
        # They end in .jinja, which Flask would not escape by itself.
        "autoescape": True,
        "loader": ChoiceLoader(
            [FileSystemLoader(Path(app.root_path) / "templates"), PackageLoader("nhsuk_frontend_jinja")]
        ),
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    words.install(app)
    app.add_template_global(_asset(Path(app.root_path) / "static"), "asset")
    app.add_template_global(guard.me, "me")
    app.add_template_global(guard.signed_in, "signed_in")
    app.add_template_global(menu.items, "menu")


def _asset(folder: Path) -> Callable[[str], str]:
    """Addresses of static files that change with their content, so that no browser keeps an old one."""

    @cache
    def digest(name: str) -> str:
        return sha256((folder / name).read_bytes()).hexdigest()[:12]

    return lambda name: url_for("static", filename=name, v=digest(name))
