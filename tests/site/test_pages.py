"""Every page of the demo's site in a browser: nothing breaks, nothing leaves the machine, nothing overflows."""

from pathlib import Path

import pytest
from pages import MARKS, visiting
from playwright.sync_api import Browser
from warehouse.semantics.cards import LANGUAGES

WIDTHS = (1440, 390)


def pages_of(site: Path, language: str) -> list[Path]:
    return sorted((site / language).glob("*.html"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_opens_whole(site: Path, browser: Browser, language: str, width: int) -> None:
    problems = []
    with visiting(browser, width) as visit:
        for path in pages_of(site, language):
            visit.open(path)
            page = visit.page
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if overflow > 0:
                problems.append(f"{path.name} is {overflow} pixels too wide")
            charts = page.locator(".plot")
            for i in range(charts.count()):
                if not charts.nth(i).locator(MARKS).count():
                    problems.append(f"{path.name}: a chart without marks: {charts.nth(i).get_attribute('aria-label')}")
            # as written: of what is not on the screen yet, the browser renders no text
            problems += [
                f"{path.name}: no title in {text!r}"
                for text in page.locator(".card h3").all_text_contents()
                if "{" in text or not text.strip()
            ]
        problems += visit.errors + visit.outgoing()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("page", "shows"),
    [
        ("lineage/index.html", "Projects"),
        ("lineage/index.html#!/model/model.b2b_commerce_warehouse.kpi_board", "decimal(18,4)"),
        ("data_docs/index.html", "Audit"),
    ],
)
def test_the_docs_of_others_open_in_the_site(site: Path, browser: Browser, page: str, shows: str) -> None:
    path, _, fragment = page.partition("#")
    with visiting(browser) as visit:
        visit.page.goto((site / path).as_uri() + (f"#{fragment}" if fragment else ""))
        visit.page.get_by_text(shows).first.wait_for()
        assert visit.errors + visit.outgoing() == []
        # and they lead back
        visit.page.get_by_role("link", name="Report").click()
        visit.page.wait_for_selector("html[data-ready]")
