"""What is vendored is what was published, with its licence; what is ours is asked for by its content."""

from hashlib import sha256
from pathlib import Path

import pytest

from lms import web
from tests.web.village import Village

STATIC = Path(web.__file__).parent / "static"
# nhsuk-frontend 10.6.1 from the npm registry, unchanged.
VENDORED = {
    "nhsuk-frontend-10.6.1.min.css": "9bf2be59da16f34ce7550a66962d8998921e13e7d87e3258d8bd1bedfed1a830",
    "nhsuk-frontend-10.6.1.min.js": "800ca8007f7e1968c2e45f0a77436aee2a948e6c49a92ef2383fe553817cff1a",
    "images/nhsuk-icon-arrow-down.svg": "413e412e70e61d4b26e608507cc009ae952eb57e3a3126f55587a7cc0ee453b8",
    "images/nhsuk-icon-arrow-up-down.svg": "e5b217ca77e17e98e533c4272d2c41b88aadce5470e3af454a3359538734281b",
    "images/nhsuk-icon-arrow-up.svg": "b8bee584537e8cc275eb49974427b84e9722ac22ab76adb1b32420e3266785d7",
    "images/nhsuk-icon-cross.svg": "694bdf45a657c8b88c958f33ab724ddcd875b8dfa2006cdd27f6d861b0a306fb",
}


@pytest.mark.parametrize("name", VENDORED)
def test_vendored_files_are_unchanged(name):
    assert sha256((STATIC / name).read_bytes()).hexdigest() == VENDORED[name]


def test_the_licence_stands_beside_them():
    assert "Permission is hereby granted" in (STATIC / "LICENSE-nhsuk-frontend.txt").read_text()


def test_nothing_else_of_the_nhs_is_here():
    found = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*nhs*") if path.is_file()}
    assert found == {"LICENSE-nhsuk-frontend.txt", *VENDORED}


def test_pages_carry_neither_the_logo_nor_the_owner_of_another_service(village: Village):
    for address in ("/", "/accessibility", "/coverage"):
        text = village.client("administrator").get(address).text
        assert "NHS England" not in text
        assert "nhsuk-header__logo" not in text
        assert "Golden Thread" in text


def test_static_files_may_be_kept_and_pages_ask_for_them_by_their_content(village: Village):
    client = village.client(None)
    page = client.get("/sign-in").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "?v=" in address
    assert "max-age=" in client.get(address).headers["Cache-Control"]
