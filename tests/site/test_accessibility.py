"""axe-core finds no serious fault, in light and dark; what it cannot see is tested beside it."""

from importlib import resources
from pathlib import Path

import pytest
from pages import visiting
from playwright.sync_api import Browser

PAGES = ("overview", "customers", "sales", "metrics", "quality", "lineage", "rep", "rows")
# metrics.html has two hundred cards of one kind: axe would take minutes to look at each
FIRST = {
    "metrics": ".metric-card:nth-of-type(n+4), section.card-area:nth-of-type(n+3)",
    "lineage": "tbody tr:nth-child(n+6)",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe() -> str:
    pytest.importorskip("axe_playwright_python", reason="axe-core is absent: pip install axe-playwright-python")
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault(site: Path, browser: Browser, scheme: str) -> None:
    code, faults = axe(), []
    with visiting(browser, color_scheme=scheme) as visit:
        for name in PAGES:
            fragment = "rep=demo_crm:R01" if name == "rep" else ""
            visit.open(site / "en" / f"{name}.html", fragment)
            if name in FIRST:
                visit.page.evaluate("s => document.querySelectorAll(s).forEach(e => e.remove())", FIRST[name])
            visit.page.evaluate(code)
            found = visit.page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)
            faults += [
                f"{name}: {fault['id']}: {fault['nodes'][0]['html'][:160]} ({len(fault['nodes'])} times)"
                f" {fault['nodes'][0]['failureSummary'][:200]}"
                for fault in found["violations"]
                if fault["impact"] in ("serious", "critical", "moderate")
            ]
    assert not faults, "\n".join(faults)


def test_every_chart_has_a_table_and_a_name(site: Path, browser: Browser) -> None:
    with visiting(browser) as visit:
        visit.open(site / "en" / "customers.html")
        charts = visit.page.locator("article.chart:has(.plot)")
        assert charts.count() >= 8
        for i in range(charts.count()):
            chart = charts.nth(i)
            assert chart.locator(".plot").get_attribute("aria-label") == chart.locator("h3").inner_text()
            chart.locator("summary").click()
            # the browser reports that it is open a moment later
            chart.locator("details tbody tr").first.wait_for()


def test_the_keyboard_reaches_what_the_mouse_does(site: Path, browser: Browser) -> None:
    with visiting(browser) as visit:
        visit.open(site / "en" / "overview.html", draw=False)
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.className") == "skip"
        visit.page.focus("select[name=segment]")
        visit.page.keyboard.press("ArrowDown")
        assert "segment=" in visit.page.url
        # the choice keeps the focus, so that the next key goes on from there
        assert visit.page.evaluate("document.activeElement.name") == "segment"
