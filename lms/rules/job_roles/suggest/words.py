"""The words of job titles: abbreviations, what two letters can mean, and which titles name the same work.

Everything here is in the plain form of ``reading.py``: lower case, no accents, no apostrophes.
"""

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(words: str) -> dict[str, str]:
    return {short: long for short, _, long in (pair.partition("=") for pair in words.split())}


# --- Words that say nothing about the work --------------------------------------------------------------

GRADES = re.compile(
    r"\b(?:"
    r"(?:afc |nhs )?band \d{1,2}[a-d]?|bd ?\d[a-d]?|b\d{1,2}[a-d]?|"
    r"(?:pay )?grade [a-z]{0,3}\d{0,2}\b|gr ?\d{1,2}|pay ?scale \w+|scp ?\d+(?: ?- ?\d+)?|"
    r"levels? \d|lvl ?\d|l\d|sc\d|so\d|pob\d|tier \d|step \d|"
    r"cluster \d+|zone \d+|team \d+|year \d|yr ?\d|ks ?\d|key stage \d|ct\d|st\d|"
    r"main grade|main scale|higher level|upper pay|"
    r"\d+(?:\.\d+)? ?(?:hrs|hours|wte|fte)|\d+ ?- ?\d+|\d+[a-d]?"
    r")\b"
)

# Shift, contract and place in the queue for a permanent post. They may be in a role's name, so they stay as
# words that a title may lose at no cost.
CIRCUMSTANCES = _set(
    """
    acting agency apprenticeship asye bank casual cover days evening evenings fixed flexi full fulltime
    hours interim job locum maternity newly night nights nq only part parttime perm permanent pool
    qualified relief rota rotational sat saturday seconded secondment sessional share shift shifts sun
    sunday temp temporary term time tto twilight waking weekend weekends zero
    """
)

# Where somebody works. In a title of a known kind of work it may be lost at little cost.
PLACES = _set(
    """
    acute adult adults area birth borough care central centre children city clinic clinical community
    council county department district east emergency family hospital hub inpatient integrated learning
    local locality medical neighbourhood north outpatient outpatients paediatric primary public region
    regional residential response rota school secondary service services south specialist
    surgical team theatre theatres trust unit ward west wing youth
    """
)

# Words that name what somebody is. One that a known title leaves over changes what the title means:
# a maternity worker is no midwife, an assistant head is no head.
HEADS = _set(
    """
    admin administration administrator adviser advisor advocate agent analyst apprentice assessor
    assistant associate attendant auditor bursar caretaker caseworker chair chaplain chef chief cleaner
    clerk consultant cook coordinator counsellor demonstrator deputy designer director doctor driver
    educator engineer executive facilitator fellow governor handler head housekeeper inspector
    instructor intern lead leader lecturer librarian manager member mentor midwife named navigator nurse
    nursery officer operative operator orderly partner patrol pharmacist physician planner porter
    practitioner president principal professional programmer psychiatrist psychologist receptionist
    representative researcher scientist secretary sergeant steward student superintendent
    supervisor support supporter surgeon surveyor teacher technician therapist trainee trainer treasurer trustee
    tutor volunteer warden worker
    """
)

# A title of nothing but these could be anybody's.
GENERIC = _set(
    """
    adviser advisor agent assistant associate band case cm consultant contact coordinator deputy
    designated development duty employee engagement general head key lead leader level liaison manager
    member named navigator nurse officer operative personal post practitioner principal professional
    programme project senior specialist staff supervisor support team technician therapist trainee
    worker
    """
)

STOPWORDS = _set(
    """
    a an and at by for from in of on or the to with
    """
)

# --- Abbreviations that mean one thing ------------------------------------------------------------------

ABBREVIATIONS = _pairs(
    """
    acp=advanced_clinical_practitioner admin=administrator administration=administrator
    administrative=administrator adviser=advisor ae=emergency ahp=allied_health_professional
    amhp=approved_mental_health_professional anp=advanced_nurse_practitioner assist=assistant
    assoc=associate asst=assistant asstnt=assistant bsa=business_support_assistant
    camhs=children_mental_health ceo=chief_executive child=children childrens=children clin=clinical
    cllr=councillor cmht=community_mental_health comm=community consult=consultant cood=coordinator
    coord=coordinator couns=counsellor cpn=community_psychiatric_nurse cust=custody cyp=children
    dep=deputy dept=department dev=development dir=director disp=dispenser dr=doctor
    dsl=designated_safeguarding_lead dvr=driver eca=emergency_care_assistant ed=emergency edu=education
    educ=education elsa=emotional_literacy_support_assistant emerg=emergency
    emt=emergency_medical_technician ep=educational_psychologist exec=executive facil=facilitator
    fsw=family_support_worker fy1=foundation_doctor fy2=foundation_doctor gp=general_practitioner
    hca=healthcare_assistant hcsw=healthcare_support_worker hlta=higher_level_teaching_assistant
    hmp=prison hr=human_resources idva=independent_domestic_violence_advocate info=information
    isva=independent_sexual_violence_advocate lac=looked_after_children ld=learning_disability
    lsa=learning_support_assistant mangr=manager mgmt=management mgr=manager mh=mental_health
    mngr=manager msw=maternity_support_worker mtg=meeting ned=non_executive_director
    neds=non_executive_director nur=nurse nurs=nurse ofcr=officer off=officer offcr=officer offr=officer
    ops=operations osg=operational_support_grade paed=paediatric paeds=paediatric
    pcso=police_community_support_officer physio=physiotherapist pqip=trainee_probation_officer
    prac=practitioner pract=practitioner practnr=practitioner proj=project psych=psychologist
    pwp=psychological_wellbeing_practitioner recep=receptionist recept=receptionist reg=registered
    res=residential rgn=registered_general_nurse rm=registered_manager
    rmn=registered_mental_health_nurse rn=registered_nurse rnld=learning_disability_nurse
    safegrd=safeguarding salt=speech_and_language_therapist sch=school
    scphn=specialist_community_public_health_nurse sec=secretary secy=secretary
    senco=special_educational_needs_coordinator send=special_educational_needs
    sendco=special_educational_needs_coordinator serv=service sgt=sergeant snr=senior soc=social
    spec=specialist sprt=support sr=senior supp=support supt=support svc=service svcs=services
    tchr=teacher tech=technician tl=team_leader vol=volunteer vols=volunteer wkr=worker worke=worker
    wrkr=worker yot=youth_justice yp=young_people
    """
)

# --- Letters that mean several things -------------------------------------------------------------------

# Each meaning with the words beside it that decide for it. Without one of them the title waits for a person.
AMBIGUOUS: dict[str, tuple[tuple[str, str], ...]] = {
    "cm": (
        ("custodial manager", "custodial custody prison hmp wing"),
        ("case manager", "case casework rehabilitation brain"),
        ("community midwife", "midwifery maternity"),
    ),
    "po": (
        ("prison officer", "prison custody safer wing hmp landing segregation reception"),
        ("probation officer", "probation offender licence pqip community payback"),
        ("project officer", "project projects programme grants"),
    ),
    "so": (
        ("senior officer prison", "prison custody wing hmp"),
        ("support officer", "business office admin"),
    ),
    "pso": (
        ("probation services officer", "probation offender women womens licence unpaid programmes"),
        ("police staff officer", "police"),
    ),
    "sw": (
        (
            "social worker",
            "children adult adults asye newly qualified approved mental safeguarding looked fostering "
            "adoption duty assessment social",
        ),
        ("support worker", "support learning disability supported living nights waking residential"),
    ),
    "ta": (
        (
            "teaching assistant",
            "1:1 ks level class classroom primary reception special year yr school phonics needs eyfs",
        ),
        ("therapy assistant", "therapy occupational physiotherapist rehab rehabilitation ot physio stroke"),
    ),
    "hv": (
        ("health visitor", "0-19 health term visiting public baby families"),
        ("home visitor", "home library volunteer"),
    ),
    "ot": (
        ("occupational therapist", "band rehab rehabilitation stroke hand therapy community"),
        ("overtime", "pay"),
    ),
    "pc": (
        ("police constable", "response neighbourhood collar police roads custody patrol"),
        ("parish councillor", "parish"),
    ),
    "dc": (
        ("detective constable", "children vulnerability exploitation cid crime investigation police"),
        ("day centre officer", "day centre"),
    ),
    "ds": (("detective sergeant", "cid crime police vulnerability investigation"),),
    "dsgt": (("detective sergeant", "cid crime police vulnerability investigation"),),
    "pa": (
        ("personal assistant", "executive director chief secretary"),
        ("personal advisor", "leaving young leavers"),
        ("physician associate", "medical surgical gp"),
    ),
    "ha": (("healthcare assistant", "ward bank"), ("housing assistant", "housing tenancy")),
    "ho": (("housing officer", "housing tenancy"), ("house officer", "medical surgical")),
    "ea": (("executive assistant", "director chief"), ("education assistant", "school class")),
    "eo": (("executive officer", "civil"), ("education officer", "school")),
    "io": (("instructional officer", "prison kitchens workshop"), ("information officer", "press data")),
    "fm": (("facilities manager", "estates building"), ("family mediator", "family")),
    "ap": (("assistant practitioner", "ward radiography"), ("assistant psychologist", "psychology")),
    "cp": (("clinical psychologist", "psychology"), ("child protection officer", "protection")),
    "cso": (("customer service officer", "contact call"), ("civilian support officer", "police")),
    "cns": (("clinical nurse specialist", "cancer pain heart diabetes"),),
    "wm": (("ward manager", "ward"), ("watch manager", "fire station")),
    "sn": (("staff nurse", "ward band"), ("school nurse", "school 0-19")),
    "dn": (("district nurse", "community"),),
    "pn": (("practice nurse", "gp surgery general practitioner"), ("psychiatric nurse", "mental community")),
    "psw": (
        ("peer support worker", "peer lived recovery"),
        ("principal social worker", "principal social"),
    ),
    "governor": (
        ("prison governor", "prison custody hmp residence security offender grade"),
        ("school governor", "school academy parent college"),
    ),
    "registrar": (
        ("medical registrar", "medical medicine psychiatry surgery surgical paediatric emergency specialty"),
        ("births registrar", "births deaths marriages ceremonies"),
    ),
    "slt": (
        ("speech and language therapist", "speech language therapy stroke paediatric band"),
        ("senior leader", "school leadership"),
    ),
}
