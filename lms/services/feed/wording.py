"""What HR reads about a list that arrived: what it did, or why it did nothing and what to do. No person in it."""

from dataclasses import dataclass

from lms.rules.dates import in_words
from lms.rules.feed import BRAKES, OF_THE_LIST, Outcome, place, without_option
from lms.rules.people.plan import COUNTED
from lms.services import letters
from lms.services.feed.facts import News
from lms.tables.organisations import Organisation
from lms.tables.roster import RoleList

ROWS_SHOWN = 5
SUBJECTS = {
    Outcome.APPLIED: "Role list of {day}: applied",
    Outcome.STOPPED: "Role list of {day}: please look at it before it is applied",
    Outcome.REFUSED: "Role list of {day}: not applied",
}


@dataclass(frozen=True, slots=True)
class Text:
    """What a message says."""

    subject: str
    body: str


def news(role_list: RoleList, organisation: Organisation, outcome: Outcome) -> News:
    """What there is to tell of a list once it was taken."""
    report = role_list.report or {}
    unmapped = report.get("titles", {}).get("unmapped", ())
    errors = report.get("errors", ())
    whole = [one["message"] for one in errors if one["code"] in OF_THE_LIST]
    places = list(dict.fromkeys(place(one) or "the list" for one in errors if one["code"] not in OF_THE_LIST))
    return News(
        outcome=outcome,
        organisation=organisation.name,
        code=organisation.code,
        as_at=role_list.as_at,
        filename=role_list.filename,
        role_list_id=role_list.id or 0,
        covers=role_list.options.get("covers"),
        counts=tuple((name, report.get(name) or 0) for name in COUNTED.values()),
        titles=len(unmapped),
        in_titles=sum(one["count"] for one in unmapped),
        brakes=tuple(
            without_option(one["message"]) for one in report.get("warnings", ()) if one["code"] in BRAKES
        ),
        problems=tuple(whole),
        rows=tuple(places[:ROWS_SHOWN]),
        row_count=len(places),
    )


def of_list(greeting: str, told: News, base_url: str) -> Text:
    """The message about a list."""
    body = TEXTS.get_template(f"{told.outcome}.txt").render(
        greeting=greeting,
        news=told,
        changes=any(count for name, count in told.counts if name != "unchanged"),
        link=f"{base_url}/role-lists/{told.role_list_id}",
        titles_link=f"{base_url}/organisations/{told.code}/job-titles",
    )
    return Text(SUBJECTS[told.outcome].format(day=in_words(told.as_at)), body)


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


TEXTS = letters.texts("lms.services.feed")
TEXTS.globals.update(counted=_counted)
TEXTS.filters.update(day=in_words)

__all__ = ["Text", "news", "of_list"]
