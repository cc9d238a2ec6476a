"""The door of every page: who is signed in, what the page lets them do, and how far that reaches.

A page declares one action of ``rules/access.py``, and everything undeclared is shut:

    @blueprint.get("/organisations/<code>/role-lists")
    @allow(Action.KEEP_ROLE_LISTS)
    def lists(code: str) -> str:
        with db.transaction(read_only=True) as session:
            organisation = guard.organisation(session, code)      # 404 outside the scope
            found = roster.lists(session, organisation.id)
        return render_template("roster/lists.html", organisation=organisation, lists=found)

``allow`` goes below the route. Without the right at all the answer is 403; what lies outside the scope does not
exist, 404. ``guard.scope()`` is how far this page's action reaches for whoever asks; read services take it, or
the organisation ids in it. ``guard.me()`` is the account; ``guard.me().actor`` signs the audit trail.
Every POST carries ``{{ csrf() }}`` of ``macros.html``. Views open a transaction, call one service, leave the
block, then enqueue. What a service refuses with ``Invalid`` goes back into the form: the template gets
``problems`` (each with ``field`` and ``message``) and ``values``, and status 422. Every other refusal is left to
the handlers of ``web/refusals.py``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user
from flask_wtf.csrf import CSRFProtect
from sqlmodel import Session

from lms import db
from lms.errors import Forbidden, Invalid, NotFound
from lms.rules import access
from lms.rules.access import Action, Scope
from lms.services import accounts, organisations
from lms.services.accounts import Holder
from lms.services.people import finding
from lms.tables.organisations import Organisation

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
UNREADABLE_COOKIE = (
    "Your browser sends a cookie that cannot be read, so nobody can see whether you are signed in. Another site of the "
    "same domain has set it, with letters other than those of English. Delete the cookies of this address in your "
    "browser, then reload the page."
)
MISSING_ORGANISATION = "There is no such organisation, or it is not one of yours."
CHOOSE_PASSWORD = "accounts.password"


def allow(action: Action) -> Callable[[View], View]:
    """Declare what a view lets somebody do."""

    def declare(view: View) -> View:
        view.access = action  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare a view that needs no account."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def install(app: Flask, machines: Iterable[Blueprint] = ()) -> None:
    """Put the door in front of an app. ``machines`` are blueprints with keys of their own and without forms."""
    csrf = CSRFProtect(app)
    app.extensions["machines"] = frozenset(blueprint.name for blueprint in machines)
    for blueprint in machines:
        csrf.exempt(blueprint)
    public(app.view_functions["static"])
    login = LoginManager()
    # Without its context processor, pages that refuse when the database is away need not ask it who is there.
    login.init_app(app, add_context_processor=False)
    login.session_protection = None  # it ties a session to an IP address, which changes on a mobile phone
    login.user_loader(_visitor)
    app.before_request(_open_or_refuse)


def declared(app: Flask, endpoint: str) -> Action | str | None:
    """The action that an endpoint declares, ``public``, or None where it is shut."""
    return getattr(app.view_functions.get(endpoint), "access", None)


def me() -> Holder:
    """Whoever is signed in."""
    holder: Holder = current_user.holder
    return holder


def signed_in() -> bool:
    """Whether anybody is."""
    return bool(current_user.is_authenticated)


def can(action: Action) -> bool:
    """Whether whoever is signed in has this right at all; for links and buttons."""
    return signed_in() and access.may(me().grants, action)


def scope(action: Action | None = None) -> Scope:
    """How far the action (of this page, when none is given) reaches for whoever is signed in."""
    endpoint = request.endpoint or ""
    chosen = action or declared(current_app, endpoint)
    if not isinstance(chosen, Action):
        raise Forbidden("This page declares no action.")
    reaches_oneself = access.Reach.OWN in access.POLICY[chosen].values()
    return access.scope(me().grants, chosen, my_person_id() if reaches_oneself else None)


def my_person_id() -> int | None:
    """The person whose account this is, found once a request; None where no role list names them."""
    if "person_id" not in g:
        places = {grant.organisation_id for grant in me().grants}
        ids = None if None in places else frozenset(place for place in places if place is not None)
        with db.transaction(read_only=True) as session:
            g.person_id = finding.of_account(session, me().account_id, me().email, ids)
    found: int | None = g.person_id
    return found


def organisation(session: Session, code: str, action: Action | None = None) -> Organisation:
    """The organisation with this code, if it lies within the scope.

    :raises NotFound: the same for what does not exist as for what lies outside.
    """
    reached = scope(action)
    try:
        found = organisations.by_code(session, code)
    except NotFound as error:
        raise NotFound(MISSING_ORGANISATION) from error
    access.within(reached, found.id, MISSING_ORGANISATION)
    return found


def sign_in(holder: Holder) -> None:
    """Begin a session for the holder of an account."""
    login_user(_Visitor(holder))


def onward(target: str | None) -> str:
    """Where to go after signing in: a page of ours, never somebody else's."""
    if target:
        parts = urlsplit(target)
        ours = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
        if ours and not parts.scheme and not parts.netloc:
            return target
    return url_for("home.home")


@dataclass(frozen=True)
class _Visitor:
    """What flask-login keeps of somebody: the id carries the password's stamp, so a new one ends old sessions."""

    holder: Holder
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return f"{self.holder.account_id}.{self.holder.stamp}"


def _visitor(key: str) -> _Visitor | None:
    number, _, stamp = key.partition(".")
    if not number.isdecimal():
        return None
    with db.transaction(read_only=True) as session:
        holder = accounts.holder(session, int(number))
    return _Visitor(holder) if holder and holder.stamp == stamp else None


def _open_or_refuse() -> ResponseReturnValue | None:
    if request.endpoint is None or request.blueprint in current_app.extensions["machines"]:
        return None
    _refuse_nul_bytes()
    # No browser sends an empty header. The web server hands one over empty when it is not in ASCII.
    if request.headers.get("Cookie") == "" and request.endpoint != "static":
        raise Invalid(UNREADABLE_COOKIE)
    action = declared(current_app, request.endpoint)
    if action == PUBLIC:
        return None
    if not isinstance(action, Action):
        raise Forbidden("This page declares no action.")
    if not signed_in():
        there = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(
            url_for("accounts.sign_in") + (f"?next={quote(there)}" if there not in ("", "/") else "")
        )
    if me().chooses_password and action is not Action.CHANGE_OWN_PASSWORD:
        return redirect(url_for(CHOOSE_PASSWORD))
    if not access.may(me().grants, action):
        raise Forbidden("Your account does not include this page. Ask your administrator if you need it.")
    return None


def _refuse_nul_bytes() -> None:
    """PostgreSQL cannot hold them, and no person types them."""
    texts = [*(request.view_args or {}).values(), *request.args.values()]
    if request.mimetype == "application/x-www-form-urlencoded":
        texts += request.form.values()
    if any("\0" in text for text in texts if isinstance(text, str)):
        raise Invalid("The address or the form holds a character that cannot be used (NUL). Take it out.")
