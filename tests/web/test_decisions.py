"""What HR decides about one person, by hand; and one's own claims of prior learning."""

import re
from datetime import timedelta

import pytest

from lms import clock, db
from lms.services.people import exemptions
from lms.services.training_map import additions
from tests.web.test_training_map import post
from tests.web.village import Village

CLAIM = {
    "form": "claim",
    "module": "SG-1",
    "completed_on": "2026-01-15",
    "provider": "Another council",
    "evidence": "Certificate 17",
}


def owner(village: Village) -> str:
    return f"/people/{village.employments['owner']}"


def test_something_is_asked_of_one_person_and_ends(village: Village):
    client, here = village.client("hr"), owner(village)
    today = clock.today().isoformat()
    fields = {
        "form": "addition",
        "module": "OLD",
        "shape": "once",
        "from": today,
        "reason": "Carries children",
    }
    assert post(client, f"{here}/additions", fields).status_code == 302
    page = client.get(f"{here}/decisions").text
    assert "Carries children" in page
    assert "Something from before" in client.get(here).text
    with db.transaction(read_only=True) as session:
        (added,) = additions.listed(session)
    back = {"last_day": today, "back": f"{here}/decisions"}
    answer = post(client, f"/additions/{added.addition_id}/end", back)
    assert answer.location == f"{here}/decisions"
    assert (
        post(village.client("hr elsewhere"), f"/additions/{added.addition_id}/end", back).status_code == 404
    )


def test_what_cannot_be_asked_is_told_at_its_field_and_stays_in_the_form(village: Village):
    client, here = village.client("hr"), owner(village)
    fields = {"form": "addition", "module": "OLD", "shape": "refreshed", "from": "2026-01-01", "reason": "So"}
    answer = post(client, f"{here}/additions", fields)
    assert answer.status_code == 422
    assert 'href="#addition-every_months"' in answer.text
    assert 'id="addition-reason" name="reason" type="text" value="So"' in answer.text
    assert "Say why" in post(client, f"{here}/additions", fields | {"shape": "once", "reason": ""}).text


def test_somebody_is_exempt_for_a_while(village: Village):
    client, here = village.client("hr"), owner(village)
    today = clock.today()
    fields = {"form": "exemption", "class": "away", "from": (today - timedelta(days=5)).isoformat()}
    assert post(client, f"{here}/exemptions", fields).status_code == 302
    assert "Exempt" in client.get(here).text
    assert post(client, f"{here}/exemptions", fields).status_code == 422
    with db.transaction(read_only=True) as session:
        (found,) = exemptions.listed(session)
    yesterday = (today - timedelta(days=1)).isoformat()
    post(client, f"/exemptions/{found.exemption_id}/end", {"last_day": yesterday, "back": here})
    assert "nhsuk-tag--grey" not in client.get(here).text
    assert (
        "Enter the first day"
        in post(client, f"{here}/exemptions", {"form": "exemption", "class": "away"}).text
    )


def test_whoever_is_back_sooner_or_later_than_planned_has_another_last_day(village: Village):
    client, here = village.client("hr"), owner(village)
    today = clock.today()
    fields = {"form": "exemption", "class": "away", "from": (today - timedelta(days=9)).isoformat()}
    told = post(client, f"{here}/exemptions", fields | {"to": (today + timedelta(days=90)).isoformat()})
    assert "It ends by itself" in client.get(told.location).text
    with db.transaction(read_only=True) as session:
        (found,) = exemptions.listed(session)
    end = f"/exemptions/{found.exemption_id}/end"
    page = client.get(f"{here}/decisions").text
    assert f'action="{end}"' in page
    assert f'value="{(today + timedelta(days=90)).isoformat()}"' in page
    yesterday = (today - timedelta(days=1)).isoformat()
    assert post(client, end, {"last_day": yesterday, "back": here}).status_code == 302
    assert f'action="{end}"' not in client.get(f"{here}/decisions").text
    told = post(client, f"{here}/exemptions", fields | {"from": today.isoformat()})
    assert "until somebody ends it" in client.get(told.location).text


def test_a_day_that_does_not_exist_is_refused_and_never_taken_for_none(village: Village):
    client, here = village.client("hr"), owner(village)
    fields = {"form": "exemption", "class": "away", "from": "2026-02-01", "to": "2026-02-30"}
    refused = post(client, f"{here}/exemptions", fields)
    assert refused.status_code == 422
    assert 'href="#exemption-to"' in refused.text
    assert "This is not a day" in refused.text
    assert 'value="2026-02-30"' in refused.text
    claimed = post(client, f"{here}/prior-learning", CLAIM | {"completed_on": "15 January"})
    assert 'href="#claim-completed_on"' in claimed.text
    assert post(client, f"{here}/exemptions", fields | {"to": ""}).status_code == 302
    with db.transaction(read_only=True) as session:
        (found,) = exemptions.listed(session)
    ended = post(client, f"/exemptions/{found.exemption_id}/end", {"last_day": "31.6.2026", "back": here})
    assert ended.status_code == 422
    with db.transaction(read_only=True) as session:
        assert exemptions.listed(session)[0].to_day is None


def test_a_claim_of_my_own_is_decided_by_somebody_else_and_counts(village: Village):
    mine = village.client("owner")
    page = mine.get("/learning/prior").text
    employment = re.search(r'name="employment" value="(\d+)"', page)[1]
    assert post(mine, "/learning/prior", CLAIM | {"employment": employment}).status_code == 302
    assert "Waiting" in mine.get("/learning/prior").text
    hr = village.client("hr")
    assert "Certificate 17" in hr.get("/prior-learning").text
    assert village.client("hr elsewhere").get("/prior-learning").text.count("Certificate 17") == 0
    assert post(village.client("hr elsewhere"), "/prior-learning/1", {"act": "accept"}).status_code == 404
    assert post(mine, "/prior-learning/1", {"act": "accept", "reason": "Mine"}).status_code == 403
    refused = post(hr, "/prior-learning/1", {"act": "accept", "reason": "  "})
    assert refused.status_code == 422
    assert 'href="#reason-1"' in refused.text
    assert "Say in a sentence why it counts" in refused.text
    accepted = {"act": "accept", "reason": "The same content", "back": "/prior-learning"}
    assert post(hr, "/prior-learning/1", accepted).location == "/prior-learning"
    assert "15 January 2026" in mine.get("/learning").text
    assert "The same content" in mine.get("/learning/prior").text
    assert post(hr, "/prior-learning/1", accepted).status_code == 409
    post(hr, "/prior-learning/1", {"act": "take_back", "reason": "Somebody else's certificate"})
    assert "15 January 2026" not in mine.get("/learning").text
    assert post(hr, "/prior-learning/1", {"act": "dance"}).status_code == 422


def test_a_claim_that_says_too_little_is_told_and_kept(village: Village):
    mine = village.client("owner")
    employment = re.search(r'name="employment" value="(\d+)"', mine.get("/learning/prior").text)[1]
    told = post(mine, "/learning/prior", CLAIM | {"employment": employment, "evidence": ""})
    assert told.status_code == 422
    assert 'href="#claim-evidence"' in told.text
    assert 'value="Another council"' in told.text
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    told = post(mine, "/learning/prior", CLAIM | {"employment": employment, "completed_on": tomorrow})
    assert "today or in the past" in told.text
    assert post(mine, "/learning/prior", CLAIM | {"employment": "999"}).status_code == 422
    here = owner(village)
    assert post(village.client("hr"), f"{here}/prior-learning", CLAIM).status_code == 302
    assert "Certificate 17" in village.client("hr").get(f"{here}/decisions").text


@pytest.mark.parametrize(
    ("who", "status"), [("hr", 200), ("hr elsewhere", 404), ("trainer", 403), ("mate", 403)]
)
def test_only_those_who_decide_about_people_there_do(village: Village, who: str, status: int):
    assert village.client(who).get(f"{owner(village)}/decisions").status_code == status
