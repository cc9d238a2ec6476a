"""What suggesting a role for many job titles costs beside the bare comparison of the same texts, in one run."""

import time

import pytest
from rapidfuzz import fuzz, process

from lms.rules.job_roles.suggest import suggest
from tests.rules.job_roles.test_suggest import ROLES, ROWS

pytestmark = pytest.mark.benchmark


def test_thousands_of_titles_stay_near_the_bare_comparison() -> None:
    titles = [f"{title} Unit {number}" for number in range(30) for _, title, _ in ROWS]
    names = [role.name for role in ROLES]
    begun = time.perf_counter()
    for title in titles:
        process.extract(title, names, scorer=fuzz.token_sort_ratio, limit=3)
    bare = time.perf_counter() - begun
    begun = time.perf_counter()
    suggest(titles, ROLES)
    taken = time.perf_counter() - begun
    print(f"\n{len(titles)} titles: bare {bare:.2f} s, suggested {taken:.2f} s = {taken / bare:.1f} x")
    assert taken <= 60 * bare
