"""The report of the demo opens in a real browser: wide and narrow, light and dark, from disk, without network."""

import itertools
import struct
import zlib

import pytest

from browser import Page

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    page = Page(tmp_path_factory.mktemp("profile"))
    yield page
    page.close()


@pytest.fixture(scope="module")
def report(demo):
    return next(demo.rglob("report.html"))


def pixels(png: bytes):
    """Width, height and the raw bytes of a PNG, filters left on: enough to see whether anything is drawn."""
    at, data = 8, b""
    width, height = struct.unpack(">II", png[16:24])
    while at < len(png):
        size, = struct.unpack(">I", png[at:at + 4])
        if png[at + 4:at + 8] == b"IDAT":
            data += png[at + 8:at + 8 + size]
        at += size + 12
    return width, height, zlib.decompress(data)


@pytest.mark.parametrize("width,scheme", list(itertools.product(WIDTHS, SCHEMES)))
def test_page_fits_and_is_quiet(page, report, width, scheme):
    page.open(report, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "scrolls sideways"
    assert page.messages == [], "the browser complains, or something is loaded"


def test_headings_tell_the_story(page, report):
    page.open(report, 1280, "light")
    headings = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(h => h.textContent.trim())")
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert len(headings) >= 4 and all(headings), headings
    assert any("blind" in heading.lower() or "not see" in heading.lower() for heading in headings), headings
    assert page.evaluate("document.querySelectorAll('svg').length") >= 2
    unnamed = "[...document.querySelectorAll('svg')].filter(s => !s.querySelector('title') && !s.getAttribute('aria-label') && s.getAttribute('aria-hidden') != 'true').length"
    assert page.evaluate(unnamed) == 0, "pictures without a name for those who do not see them"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.title") != ""


def test_light_and_dark_differ_and_show_something(page, report, tmp_path):
    backgrounds, pictures = [], []
    for scheme in SCHEMES:
        page.open(report, 1280, scheme)
        backgrounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        width, height, raw = pixels(page.picture())
        assert (width, len(set(raw)) > 20) == (1280, True), "the picture is empty"
        pictures.append(raw)
    assert backgrounds[0] != backgrounds[1] and pictures[0] != pictures[1], backgrounds
