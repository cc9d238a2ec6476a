"""Accounts: signing in and out, one's own password, and the accounts of others."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from sqlmodel import Session

from lms import clock, db
from lms.errors import Conflict, Invalid
from lms.rules.access import EVERYTHING, Action, Grant, Role
from lms.rules.accounts import Problem
from lms.services import accounts, organisations
from lms.web import guard
from lms.web.asked import Page, offset, page_number, search
from lms.web.guard import allow, public

blueprint = Blueprint("accounts", __name__)

# The same whatever was wrong, and whether or not there is such an account (domain.md 6).
NOT_SIGNED_IN = (
    "The e-mail address or the password is not right, or there were too many tries. "
    "After 10 tries an account rests for 15 minutes."
)
PARTNERSHIP = "*"
ROLES = {
    Role.ADMINISTRATOR: "Administrator",
    Role.HR: "HR",
    Role.TRAINER: "Trainer",
    Role.PUBLIC_HEALTH: "Public health",
    Role.STAFF: "Staff",
}


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The form; somebody signed in goes on."""
    if guard.signed_in():
        return redirect(guard.onward(request.args.get("next")))
    return render_template("accounts/sign_in.html")


@blueprint.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Compare the password and begin a session."""
    now = clock.now()
    with db.transaction(read_only=True) as session:
        attempt = accounts.try_password(
            session, request.form.get("email", ""), request.form.get("password", ""), now
        )
    with db.transaction() as session:
        account_id = accounts.settle(session, attempt, now)
        holder = accounts.holder(session, account_id) if account_id else None
    if holder is None:
        problems = [Problem("email", NOT_SIGNED_IN)]
        return render_template("accounts/sign_in.html", problems=problems, values=request.form), 422
    cookie.clear()
    guard.sign_in(holder)
    return redirect(guard.onward(request.args.get("next")))


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    cookie.clear()
    flash("You are signed out.")
    return redirect(url_for(".sign_in"))


@blueprint.get("/password")
@allow(Action.CHANGE_OWN_PASSWORD)
def password() -> str:
    """The form for a new password of one's own."""
    return render_template("accounts/password.html")


@blueprint.post("/password")
@allow(Action.CHANGE_OWN_PASSWORD)
def choose_password() -> ResponseReturnValue:
    """Change it. Every other session of this account ends."""
    mine = guard.me().account_id
    try:
        with db.transaction() as session:
            accounts.choose_password(
                session, mine, request.form.get("current", ""), request.form.get("chosen", ""), clock.now()
            )
            holder = accounts.holder(session, mine)
    except Invalid as refusal:
        return render_template("accounts/password.html", problems=refusal.problems), 422
    if holder:
        guard.sign_in(holder)
    flash("Your password is changed. You are signed out everywhere else.")
    return redirect(url_for("home.home"))


@blueprint.get("/accounts")
@allow(Action.ADMINISTER_ACCOUNTS)
def lists() -> str:
    """The accounts within the scope."""
    with db.transaction(read_only=True) as session:
        found, total = accounts.listed(session, guard.scope(), search=search(), offset=offset())
        known = {one.id: one for one in organisations.within(session, EVERYTHING)}
    return render_template(
        "accounts/lists.html", accounts=found, page=Page(page_number(), total), roles=ROLES, known=known
    )


@blueprint.get("/accounts/new")
@allow(Action.ADMINISTER_ACCOUNTS)
def new() -> str:
    """The form for a new account."""
    return _form()


@blueprint.post("/accounts/new")
@allow(Action.ADMINISTER_ACCOUNTS)
def create() -> ResponseReturnValue:
    """Make the account and show its first password, this once."""
    form = request.form
    try:
        with db.transaction() as session:
            made, first = accounts.create(
                session,
                guard.scope(),
                guard.me().actor,
                email=form.get("email", ""),
                name=form.get("name", ""),
                grants=(_grant(session),),
                now=clock.now(),
            )
    except Invalid as refusal:
        return _form(refusal.problems), 422
    except Conflict as refusal:
        return _form([Problem("email", refusal.message)]), 409
    return render_template("accounts/first_password.html", id=made, email=form["email"], password=first)


@blueprint.get("/accounts/<int:account_id>")
@allow(Action.ADMINISTER_ACCOUNTS)
def one(account_id: int) -> str:
    """One account: its rights, and what can be done with it."""
    return _one(account_id)


@blueprint.post("/accounts/<int:account_id>/active")
@allow(Action.ADMINISTER_ACCOUNTS)
def set_active(account_id: int) -> ResponseReturnValue:
    """Let somebody sign in, or no longer."""
    active = request.form.get("active") == "yes"
    with db.transaction() as session:
        accounts.set_active(
            session, guard.scope(), guard.me().actor, account_id, active=active, now=clock.now()
        )
    flash("The account can be used again." if active else "The account can no longer be used.")
    return redirect(url_for(".one", account_id=account_id))


@blueprint.post("/accounts/<int:account_id>/password")
@allow(Action.ADMINISTER_ACCOUNTS)
def renew_password(account_id: int) -> str:
    """Give somebody who has lost theirs a new first password, shown this once."""
    with db.transaction() as session:
        facts = accounts.one(session, guard.scope(), account_id)
        first = accounts.renew_password(session, guard.scope(), guard.me().actor, account_id, now=clock.now())
    return render_template("accounts/first_password.html", id=account_id, email=facts.email, password=first)


@blueprint.post("/accounts/<int:account_id>/rights")
@allow(Action.ADMINISTER_ACCOUNTS)
def give(account_id: int) -> ResponseReturnValue:
    """Give a right."""
    try:
        with db.transaction() as session:
            right = _grant(session)
            accounts.give(session, guard.scope(), guard.me().actor, account_id, right, now=clock.now())
    except Invalid as refusal:
        return _one(account_id, refusal.problems), 422
    flash("The right is given.")
    return redirect(url_for(".one", account_id=account_id))


@blueprint.post("/accounts/<int:account_id>/rights/withdraw")
@allow(Action.ADMINISTER_ACCOUNTS)
def withdraw(account_id: int) -> ResponseReturnValue:
    """Take a right away."""
    with db.transaction() as session:
        right = _grant(session)
        accounts.withdraw(session, guard.scope(), guard.me().actor, account_id, right, now=clock.now())
    flash("The right is taken away.")
    return redirect(url_for(".one", account_id=account_id))


def _grant(session: Session) -> Grant:
    """The role and organisation of the form."""
    try:
        role = Role(request.form.get("role", ""))
    except ValueError:
        raise Invalid("Nothing was changed.", [Problem("role", "Choose a role.")]) from None
    code = request.form.get("organisation", "")
    if code == PARTNERSHIP:
        return Grant(role)
    if not code:
        raise Invalid("Nothing was changed.", [Problem("organisation", "Choose an organisation.")])
    return Grant(role, guard.organisation(session, code).id)


def _form(problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        choices = _organisation_choices(session)
    return render_template(
        "accounts/new.html", roles=ROLES, organisations=choices, problems=problems, values=request.form
    )


def _one(account_id: int, problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        facts = accounts.one(session, guard.scope(), account_id)
        known = {one.id: one for one in organisations.within(session, EVERYTHING)}
        choices = _organisation_choices(session)
    return render_template(
        "accounts/one.html",
        account=facts,
        roles=ROLES,
        known=known,
        partnership=PARTNERSHIP,
        organisations=choices,
        problems=problems,
        values=request.form,
        own=facts.id == guard.me().account_id,
        now=clock.now(),
    )


def _organisation_choices(session: Session) -> list[tuple[str, str]]:
    """What a right can be given for: the whole partnership only by those who have it."""
    reached = guard.scope()
    choices = [
        ("", "Choose one"),
        *((PARTNERSHIP, "The whole partnership") for _ in range(reached.everywhere)),
    ]
    return choices + [(one.code, one.name) for one in organisations.within(session, reached)]
