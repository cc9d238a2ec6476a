"""Loading the reference files of a folder."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, select

from lms.errors import Invalid
from lms.services import job_roles, reference
from lms.tables.job_roles import JobRole, JobTitle, JobTitleRole
from lms.tables.organisations import Organisation
from lms.tables.training_map import Equivalence, MapVersion, Module, Requirement, RequirementTerm

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
LEVELS = b"framework,level,rank,cumulative\nF,informed,1,yes\nF,skilled,2,yes\n"
ORGANISATIONS = b"code,name,parent\nT,The Trust,\nW,A Ward,T\n"
ROLES = b"code,name,family,level,manager\nRN,Nurse,Nursing,skilled,no\nWM,Ward manager,Nursing,skilled,yes\n"
TITLES = "organisation,title,job_role\nT,Sister’s aide,RN\n,Matron,WM\n".encode()
MODULES = (
    b"code,title,kind,minutes,level,activity_iri,aliases,content_note\n"
    b"A,First,foundation,60,informed,https://x.example/a,A1|https://x.example/a1,\n"
    b"B,Second,,90,,https://x.example/b,,\n"
    b"C,Third,,90,,https://x.example/c,,\n"
)
EQUIVALENCES = b"module,counts_for,from,to\nB,A,2023-01-01,\nC,B,,\n"
MAP = (
    b"who,value,organisation,module,shape,every_months,hours,days_allowed,anchor,from,to\n"
    b"everyone,,,A,refreshed,36,,,,2023-01-01,\n"
    b"role,RN,T,B,once,,,30,completion,,\n"
    b"level,skilled,,C,hours,12,7.5,,,,2025-12-31\n"
    b"level,skilled,,C,hours,24,7.5,,,2026-01-01,\n"
)
FOLDER = {
    "levels.csv": LEVELS,
    "organisations.csv": ORGANISATIONS,
    "job-roles.csv": ROLES,
    "job-titles.csv": TITLES,
    "modules.csv": MODULES,
    "equivalences.csv": EQUIVALENCES,
    "training-map.csv": MAP,
}


def refused(session: Session, **files: bytes) -> list[str]:
    """The problems of a folder with these files in the place of the good ones."""
    contents = FOLDER | {name.replace("_", "-") + ".csv": content for name, content in files.items()}
    with pytest.raises(Invalid) as refusal:
        reference.load(session, contents, now=NOW, base_url="https://golden.example")
    session.rollback()
    return [str(problem) for problem in refusal.value.problems]


def test_a_folder_is_loaded_whole(session: Session) -> None:
    done = reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    assert {one.file: one.added for one in done} == {
        "levels.csv": 2,
        "organisations.csv": 2,
        "job-roles.csv": 2,
        "job-titles.csv": 2,
        "modules.csv": 3,
        "equivalences.csv": 2,
        "training-map.csv": 4,
    }
    terms = session.exec(
        select(RequirementTerm).join(Requirement).where(Requirement.identity == "level|skilled||C")
    ).all()
    assert sorted((term.every_months, term.minutes, term.from_day, term.to_day) for term in terms) == [
        (12, 450, None, date(2025, 12, 31)),
        (24, 450, date(2026, 1, 1), None),
    ]
    ward = session.exec(select(Organisation).where(Organisation.code == "W")).one()
    trust = session.exec(select(Organisation).where(Organisation.code == "T")).one()
    assert ward.parent_id == trust.id


def test_loading_the_same_files_again_changes_nothing(session: Session) -> None:
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    before = [
        [row.model_dump() for row in session.exec(select(table).order_by(col(table.id)))]
        for table in (Organisation, JobRole, JobTitle, JobTitleRole, Module, Equivalence, RequirementTerm)
    ]
    again = reference.load(session, FOLDER, now=NOW.replace(month=7), base_url="https://golden.example")
    assert [(one.added, one.changed) for one in again] == [(0, 0)] * 7
    assert before == [
        [row.model_dump() for row in session.exec(select(table).order_by(col(table.id)))]
        for table in (Organisation, JobRole, JobTitle, JobTitleRole, Module, Equivalence, RequirementTerm)
    ]
    assert len(session.exec(select(MapVersion)).all()) == 1


def test_every_problem_of_every_file_is_told_at_once(session: Session) -> None:
    told = refused(
        session,
        levels=b"framework,level,rank,cumulative,colour\nF,informed,1,yes,red\n",
        job_roles=b"code,name,family,level,manager\nRN,,Nursing,,perhaps\n",
        modules=b"code,title\nA,First\n",
        training_map=b"who,module,shape,every_months\neveryone,A,refreshed,0\neveryone,B,refreshed,1000\n",
    )
    assert told == [
        "levels.csv, row 1, column colour: there is no column 'colour' in this file. Known are: framework, level, "
        "rank, cumulative, description.",
        "job-roles.csv, row 2, column name: this cell may not be blank.",
        "job-roles.csv, row 2, column manager: 'perhaps' is neither yes nor no.",
        "modules.csv, row 1: missing: activity_iri. Add to the first row.",
        "training-map.csv, row 2, column every_months: '0' is not a whole number from 1 to 999.",
        "training-map.csv, row 3, column every_months: '1000' is not a whole number from 1 to 999.",
    ]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"organisations": b"code,name,parent\nT,Trust,W\nW,Ward,T\n"},
            "organisations.csv, row 2, column parent: the parents go round in a circle: T → W → T. Give one of "
            "them another parent.",
        ),
        (
            {"job_titles": b"organisation,title,job_role\nT,Aide,RM\n"},
            "job-titles.csv, row 2, column job_role: there is no job role with the code 'RM'. Add it to "
            "job-roles.csv.",
        ),
        (
            {"equivalences": b"module,counts_for,from,to\nA,B,,\nB,C,,\nC,A,2025-01-01,\n"},
            "equivalences.csv, row 4, column counts_for: this goes round in a circle: A → B → C → A. Counting "
            "goes one way: remove one of these rows, or end one before another starts.",
        ),
        (
            {"training_map": b"who,value,module\nfamily,nursing,A\n"},
            "training-map.csv, row 2, column value: there is no role family 'nursing'. Did you mean 'Nursing'?",
        ),
        (
            {"training_map": b"who,module,from,to\neveryone,A,,2025-01-31\neveryone,A,2025-01-31,\n"},
            "training-map.csv, row 3, column from: row 2 is for the same people and module on the same days and "
            "says the same. Keep one of them, or end one before the other starts.",
        ),
        (
            {"training_map": b"who,value,module\nrole,RN,A\nrole,Nurse,A\n"},
            "training-map.csv, row 3, column from: row 2 is for the same people and module on the same days and "
            "says the same. Keep one of them, or end one before the other starts.",
        ),
        (
            {"training_map": b"who,module,from,to\neveryone,A,2025-02-01,2025-01-31\n"},
            "training-map.csv, row 2, column to: it ends on 2025-01-31 before it starts on 2025-02-01. Correct "
            "one of them.",
        ),
        (
            {"modules": MODULES + b"D,Fourth,,,,https://x.example/d,A1,\n"},
            "modules.csv, row 5, column aliases: 'A1' already means the module A. Choose another.",
        ),
        (
            {"exemptions": b"organisation,employee_number,class,from\nT,1,away,2026-01-01\n"},
            "exemptions.csv, row 2, column employee_number: T has nobody with the number '1'. Apply the role "
            "list first, or correct the number.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place_and_what_to_do(
    session: Session, files: dict[str, bytes], told: str
) -> None:
    assert refused(session, **files) == [told]
    assert not session.exec(select(Organisation)).all()


def test_what_a_file_says_of_a_requirement_replaces_all_that_was_said_and_the_rest_stays(
    session: Session,
) -> None:
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    ids = dict(session.exec(select(Requirement.identity, Requirement.id)).all())
    file = b"who,value,module,shape,every_months,hours\nlevel,skilled,C,hours,36,8\neveryone,,B,once,,\n"
    (done,) = reference.load(session, {"training-map.csv": file}, now=NOW, base_url="https://golden.example")
    assert (done.added, done.changed, done.unchanged) == (1, 1, 0)
    rows = session.exec(select(MapVersion.rows).where(MapVersion.number == 2)).one()
    assert [(row["who"], row["module"], row["every_months"], row["from"]) for row in rows] == [
        ("everyone", "A", "36", "2023-01-01"),
        ("role", "B", "", ""),
        ("level", "C", "36", ""),
        ("everyone", "B", "", ""),
    ]
    again = dict(session.exec(select(Requirement.identity, Requirement.id)).all())
    assert ids.items() <= again.items()
    kept = session.exec(
        select(RequirementTerm).where(RequirementTerm.requirement_id == ids["everyone|||A"])
    ).one()
    first = session.exec(select(MapVersion.id).where(MapVersion.number == 1)).one()
    assert kept.map_version_id == first


def test_titles_map_by_the_organisation_then_everywhere_then_a_roles_own_name(session: Session) -> None:
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    trust = session.exec(select(Organisation.id).where(Organisation.code == "T")).one()
    assert trust is not None
    roles = job_roles.ids_by_code(session)
    keys = ["sister's aide", "matron", "nurse", "porter"]
    meant = job_roles.meanings(session, trust, keys)
    assert {key: (one.job_role_id, one.basis) for key, one in meant.items()} == {
        "sister's aide": (roles["RN"], "confirmed"),
        "matron": (roles["WM"], "everywhere"),
        "nurse": (roles["RN"], "name"),
    }
    ids = job_roles.keep(session, trust, {key: key for key in keys}, NOW)
    reference.load(
        session,
        {"job-titles.csv": b"organisation,title,job_role\n,MATRON,RN\n,Porter,\n"},
        now=NOW,
        base_url="https://golden.example",
    )
    rows = session.exec(select(JobTitleRole.job_title_id, JobTitleRole.job_role_id)).all()
    assert dict(rows)[ids["matron"]] == roles["RN"]
    assert dict(rows)[ids["porter"]] is None
    job_roles.confirm(session, [ids["matron"]], roles["WM"], account_id=None, now=NOW)
    assert job_roles.meanings(session, trust, ["matron"])["matron"].job_role_id == roles["WM"]


def loaded_titles(session: Session, *rows: str) -> tuple[int, int, int]:
    file = "\n".join(["organisation,title,job_role,from", *rows]).encode()
    (done,) = reference.load(session, {"job-titles.csv": file}, now=NOW, base_url="https://golden.example")
    return done.added, done.changed, done.unchanged


def timeline(session: Session) -> list[tuple[date | None, date | None, int | None]]:
    rows = session.exec(select(JobTitleRole).join(JobTitle).where(JobTitle.key == "porter")).all()
    return sorted(
        ((row.from_day, row.to_day, row.job_role_id) for row in rows), key=lambda row: row[0] or date.min
    )


def test_a_title_means_one_role_up_to_a_day_and_another_from_it(session: Session) -> None:
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    roles = job_roles.ids_by_code(session)
    told = ("T,Porter,RN,", "T,Porter,WM,2026-06-01")
    assert loaded_titles(session, *told) == (1, 0, 0)
    expected = [(None, date(2026, 5, 31), roles["RN"]), (date(2026, 6, 1), None, roles["WM"])]
    assert timeline(session) == expected
    assert loaded_titles(session, *told) == (0, 0, 1)
    assert loaded_titles(session, "T,Porter,WM,2026-06-01") == (0, 0, 1)
    assert timeline(session) == expected
    assert loaded_titles(session, "T,Porter,,2026-08-01") == (0, 1, 0)
    assert timeline(session)[1:] == [
        (date(2026, 6, 1), date(2026, 7, 31), roles["WM"]),
        (date(2026, 8, 1), None, None),
    ]
    # A row without a day corrects what holds now; what was before stays, and the same twice is one.
    assert loaded_titles(session, "T,Porter,WM,") == (0, 1, 0)
    assert timeline(session) == expected


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["T,Porter,RN,soon"], "row 2, column from: "),
        ([",Porter,RN,2026-06-01"], "row 2, column from: what a title means everywhere has no day."),
        (["T,Porter,RN,2026-06-01", "T,PORTER,WM,2026-06-01"], "row 3, column job_role: row 2 gives RN"),
    ],
)
def test_a_day_of_a_title_that_means_nothing_is_refused(session: Session, rows: list[str], told: str) -> None:
    file = "\n".join(["organisation,title,job_role,from", *rows])
    (problem,) = refused(session, **{"job-titles": file.encode()})
    assert told in problem
