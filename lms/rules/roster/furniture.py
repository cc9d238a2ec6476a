"""Lines of a list that are about nobody: titles, totals, run dates, page numbers, the header once more."""

import re

_PEOPLE = (
    r"(staff|employees?|people|persons?|rows?|records?|assignments?|posts?|positions?|volunteers?|workers?|headcount|members?( of staff)?|"
    r"officers?|entries|lines|names|heads?)"
)
_COUNT = r"[\s:=\-–#]*[\d,.  ]*"
_LINE = re.compile(
    r"("
    # Total 1,234 · Grand total: · Number of staff: 104 · Headcount 12 · 104 employees
    rf"(grand |sub[- ]?|overall |report |page |column |running )?(total|count|headcount|sum|average)s?( (number|no\.?|count|fte|wte))?( (of|for|in))?( all)?( {_PEOPLE})?{_COUNT}|"
    rf"(total )?(number|no\.?|count) of( all)? {_PEOPLE}.{{0,40}}|"
    rf"\(?[\d,. ]+ ?{_PEOPLE}(\(s\))?( (listed|in total|in post|found|selected|returned|affected|exported))?\W*|"
    # Records: 7 · Staff in post = 7
    rf"{_PEOPLE}( (listed|in total|in post|found|selected))?\s*[:=][\s:=]*[\d,.]+|"
    # Ward 12 Total · Ward 12 Count: 34 · Total for Ward 12
    rf".{{0,80}}\b(sub-? ?total|total|count|subtotals)s?{_COUNT}|"
    r"(sub[- ]?|grand )?totals? (for|of|in|by)\b.{0,80}|"
    # Run date: 31-May-2026 07:12 · Report produced by … · Data as at …
    r"((report|data|list|date|file|extract|page|last)[ -]+)*(run|print(ed|out)?|extract(ed)?|generated|produced|created|exported|effective|"
    r"refreshed|updated|prepared|as (at|of)|correct (as )?(at|of|on))( (on|by|at|for|from|date( ?(and|/|&) ?time)?|time|user))*\b[\s:\-].{0,120}|"
    r"(report|run|effective|snapshot|extract|print|data|business)[ -](id|name|ref|date|time|parameters?|criteria|title|period|user)\b.{0,160}|"
    r"((parameters?|(applied )?filters?( applied)?|(selection )?criteria|selection|source|notes?|key|legend|disclaimer|contact|user)\s*[:=\-–]|prepared by\b|"
    r"end of (the )?(report|list|file|data|page)\b).{0,300}|"
    r"page[: ]+\d+( (of|/) ?\d+)?.{0,40}|\d+ ?/ ?\d+|"
    r"(official|confidential|restricted|protect|sensitive|private and confidential|strictly confidential)\b.{0,120}|"
    r"[*=_\-–—~.# ]{2,}( ?end.{0,40})?|[*=\-– ]*end[*=\-– ]*|©.{0,120}"
    r")",
    re.IGNORECASE,
)


def is_line(text: str) -> bool:
    """Whether a text is a total, a run date, a page number or the like, and not a person or a title."""
    return len(text) <= 400 and bool(_LINE.fullmatch(text))
