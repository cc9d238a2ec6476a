"""The dictionary of captions: what ESR, iTrent, SAP, Oracle, SIMS and Arbor, ASC-WDS, HMPPS, police and hand-kept
sheets call their columns (domain.md 3.1 to 3.4). Earlier in a line means preferred where a list has several.
"""

import re
import unicodedata

from lms.rules.roster.facts import Field

_LINES: dict[Field, str] = {
    Field.NUMBER: """
        employee number, employee no, employee num, employee id, esr employee number, esr number, esr id, emp no, emp number, emp id,
        employee ref, employee reference, employee code, personal reference, personal ref, personal reference number,
        personal reference no, person number, person no, person id, person ref, person reference, personnel number, personnel no,
        personnel id, pers no, pernr, staff number, staff no, staff id, staff ref, staff reference, staff code, unique worker id,
        worker id, worker number, worker no, worker reference, payroll number, payroll no, payroll id, payroll ref,
        payroll reference, pay number, pay no, pay reference, pay ref, sop staff number, sop number, sop employee number, sop id,
        collar number, collar no, force number, force no, shoulder number, shoulder no, warrant number, warrant no, pern,
        service number, officer number, delegate id, volunteer number, volunteer no, volunteer id, volunteer ref, member number,
        membership number, hr number, hr id, hr reference, oracle number, sap number, trent number, itrent number, unique id,
        unique identifier, unique reference, unique ref, unique number, unique no, resource id, resource no, service no, teacher code,
        works number, works no, clock number, clock no, esr no, sap no, hr no, hr ref, associate id, identifier, id number, id no, id, number, no, ref no, reference number, reference, ref,
        code, employee
    """,
    Field.REFERENCE: """
        assignment number, assignment no, asg no, asg number, assignment id, assignment ref, assignment reference,
        position reference, position ref, post reference, post ref, job reference, job ref, contract reference, contract ref,
        contract number, contract no, contract id, employment reference, post number, post no, post id, position number,
        position no, position id, assignment, post, position, job, job number, job id
    """,
    Field.NAME: """
        name, full name, employee name, staff name, employee full name, display id, display name, person name, worker name,
        name of employee, member of staff, staff member, member name, volunteer name, name of staff, name of staff member,
        name of employee or applicant, surname forename, surname and forename, surname first name, last name first name, legal name,
        list name, officer name,
        postholder, post holder, postholder name, post holder name, name of post holder, position holder, job holder, incumbent,
        incumbent name, occupant, officer, employee, person, volunteer, worker, names, staff, colleague, colleague name, resource, resource name
    """,
    Field.GIVEN: """
        first name, first names, forename, forenames, given name, given names, legal first name, legal forename, first, christian name,
        fname, emp forename, employee forename, employee first name, staff forename, legal name first name, initials
    """,
    Field.FAMILY: """
        last name, surname, family name, legal last name, legal surname, last, second name, surnames, lname, emp surname, employee surname,
        employee last name, staff surname, legal name last name, preferred surname, preferred last name
    """,
    Field.KNOWN_AS: """
        known as, known as name, preferred name, preferred first name, preferred forename, preferred given name, known as first name,
        called, called name, nickname
    """,
    Field.TITLE: """
        position title, job title, post title, position, position name, position text, position description, grade and role,
        rank and role, role title, job role title, job name, post name, post description, job description, substantive title,
        substantive role, current role, staff role, main job role, role, roles, post, job role, job, job text, role name, role description,
        volunteer role, post held, occupation, designation, rank role, rank post, rank, job title role, title,
        business role, business roles, business title, job profile, grade, function
    """,
    Field.EMAIL: """
        email address, email, work email, work email address, business email, business email address, official email, email work,
        office email, primary email, primary email address, contact email, staff email, employee email, employee email address, nhs email,
        esr email, esr email address, main email, mail, email id, e mail address work, smtp address, user principal name, email addr, business email information email address
    """,
    Field.START: """
        assignment start date, asg start date, position start date, post start date, date started in post, start date in post,
        date in post, start in post, date appointed to post, date started in role, role start date, start date in position,
        job start date, contract start date, contract start, assignment start, position start, post start, start date, start,
        date started, date of start, latest start date, employment start date, hire date, latest hire date, most recent hire date,
        date joined, joined date, join date, joining date, date of joining, date of appointment, appointment date, date appointed,
        entry date, entry, commencement date, date commenced, commenced, started, started on, joined, effective start date,
        valid from, from date, date from, from, since
    """,
    Field.END: """
        assignment end date, asg end date, position end date, post end date, date left post, end date in post, role end date,
        contract end date, contract end, assignment end, position end, post end, fixed term end date, ftc end date, end date, end,
        date ended, date left, left date, leaving date, leave date, leaver date, date of leaving, leavers date, termination date,
        actual termination date, employment end date, last day, last working day, last day of service, finish date, finish,
        date finished, left, left on, effective end date, valid to, to date, date to, to, until
    """,
    Field.STATUS: """
        assignment status, asg status, assignment status type, employment status, employee status, position status, post status,
        staff status, worker status, person status, current status, working status, hr status, status, status type, active, is active,
        active status
    """,
    Field.CATEGORY: """
        assignment category, asg category, empl status, contract type, type of contract, employment type, employment category,
        employee category, employee type, staff type, worker type, person type, ee subgroup, employee subgroup, ee group,
        employee group, contract basis, employment basis, bank, bank staff, bank worker, is bank
    """,
    Field.MAIN: """
        primary assignment, primary assignment flag, primary flag, primary, is primary, main post, main position, primary position,
        primary post, main assignment, primary job, main job, main role
    """,
    Field.MANAGER: """
        supervisor employee number, supervisor number, supervisor no, supervisor assignment number, supervisor id, manager employee number,
        manager number, manager no, manager id, line manager employee number, line manager number, line manager no, line manager id,
        line manager staff number, line manager ref, manager person number, manager personnel number, reports to number, reports to id,
        reports to employee number, personnel number of superior, supervisor, line manager, manager, reports to, line manager name, supervisor name, manager name,
        mgr, line mgr
    """,
}
# From the top of an organisation down; captions on one line stand for the same depth.
_UNITS = (
    "org l1, org level 1, organisation level 1, organisation l1",
    "org l2, org level 2, organisation level 2, organisation l2",
    "org l3, org level 3, organisation level 3, organisation l3",
    "division, business group, care group, clinical business unit",
    "directorate, portfolio, faculty, command, bcu",
    "org l4, org level 4, organisation level 4, organisation l4",
    "org l5, org level 5, organisation level 5, organisation l5",
    "service, service area, business unit, service line, phase",
    "parent department, parent dept, parent service, parent directorate, parent division",
    "department, dept, department name, directorate department",
    "org l6, org level 6, organisation level 6, organisation l6",
    "parent unit, parent org unit, parent organisation unit, parent organizational unit, parent structure unit, parent organisation, "
    "parent organization, higher unit, superior unit, superior org unit, parent team",
    "unit, structure unit, org unit, organisational unit, organizational unit, organisation unit, organization unit, organisation, organization, section, "
    "business area, local est id, local establishment id, establishment, unit name, organisation name, org unit text, org unit name, organizational unit text, "
    "organizational unit name, organisational unit text, organisational unit name",
    "org l7, org level 7, organisation level 7, organisation l7",
    "org l8, org level 8, organisation level 8, organisation l8",
    "team, team name, ward, ward team, wing, sub team, cluster, shift team",
)
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
# Line Manager Person Number, Manager's Staff ID, Reports to (payroll no.): but no number of the manager's post.
_MANAGERS_NUMBER = re.compile(
    r"(line |direct )?(manager|mgr|supervisor|reports? to)\b(?!.*\b(post|position|job|assignment|phone|tel\w*|mobile|cost)\b)"
    r".*\b(number|no|num|id|ref|reference|code)\b",
    re.IGNORECASE,
)
# SOP Staff No., User/Employee ID, Trust payroll number: but neither somebody else's number nor one that is over.
_STAFFS_NUMBER = re.compile(
    r"(?!.*\b(manager|mgr|supervisor|superior|reports|approver|appraiser|old|former|previous|legacy|next)\b)"
    r".*\b(staff|employee|emp|personnel|payroll|worker)([\s_.]+(number|no|num|id|ref|reference)){1,2}\W*",
    re.IGNORECASE,
)
# Addresses that are not those of work.
_NOT_OF_WORK = re.compile(
    "manager|mgr|supervisor|superior|reports|personal|home|private|second|altern|emergency|kin|approver|previous|old"
)
# What may stand before a stroke: Job Title / Band, Ward / Team.
_BEFORE_STROKE = (Field.TITLE, Field.UNIT)
# Behind every caption that the dictionary has.
_LAST = 999


def caption_key(caption: str) -> str:
    """The form in which captions are compared: letters and digits alone, ``#`` being a number."""
    text = unicodedata.normalize("NFKC", caption).casefold().replace("#", " no ").replace("&", " and ")
    return "".join(letter for letter in text if letter.isalnum())


def caption_keys(caption: str) -> tuple[str, ...]:
    """The key of the whole caption, and of the caption without what stands in brackets."""
    whole, short = caption_key(caption), caption_key(_ASIDE.sub(" ", caption))
    return (whole,) if short in (whole, "") else (whole, short)


def _in_full(key: str) -> str:
    """Access and Oracle cut words short: StartDt, Left_Dt."""
    return key if key in MEANINGS or not key.endswith("dt") else f"{key[:-1]}ate"


def _spelt(line: str) -> list[str]:
    return [caption_key(caption) for caption in line.replace("\n", " ").split(",") if caption.strip()]


# caption → its possible meanings with their rank, the lower the better.
MEANINGS: dict[str, dict[Field, int]] = {}
for _field, _line in _LINES.items():
    for _rank, _key in enumerate(_spelt(_line)):
        MEANINGS.setdefault(_key, {}).setdefault(_field, _rank)
# caption of a unit → its depth.
UNIT_DEPTHS = {key: depth for depth, line in enumerate(_UNITS) for key in _spelt(line)}


def is_caption(text: str) -> bool:
    """Whether a text is, word for word, a caption of the dictionary."""
    key = caption_key(text)
    return key in MEANINGS or key in UNIT_DEPTHS


def meanings(caption: str) -> dict[Field, int]:
    """What a caption can mean, with the rank of each meaning."""
    keys = caption_keys(caption)
    if keys[0] not in MEANINGS and _MANAGERS_NUMBER.match(caption.strip()):
        return {Field.MANAGER: 0}
    for key in map(_in_full, keys):
        if key in MEANINGS:
            return MEANINGS[key]
        if key in UNIT_DEPTHS:
            return {Field.UNIT: UNIT_DEPTHS[key]}
    if _STAFFS_NUMBER.fullmatch(_ASIDE.sub(" ", caption)):
        return {Field.NUMBER: _LAST}
    if keys[-1].endswith(("email", "emailaddress")) and not _NOT_OF_WORK.search(keys[0]):
        return {Field.EMAIL: _LAST}
    if "/" in caption:
        first = meanings(caption.partition("/")[0])
        return {field: rank for field, rank in first.items() if field in _BEFORE_STROKE}
    return {}
