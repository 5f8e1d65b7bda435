"""A company without quotes, web data or reps sees boards that say so, and no error."""

import shutil
from pathlib import Path

import duckdb
import pytest
from command_line import CommandLine
from pages import Visit, visiting
from playwright.sync_api import Browser


def problems(visit: Visit, site: Path) -> list[str]:
    found = []
    for path in sorted((site / "en").glob("*.html")):
        visit.open(path)
        if visit.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path.name} is too wide")
        if "NaN" in visit.page.inner_text("main") or "undefined" in visit.page.inner_text("main"):
            found.append(f"{path.name} shows what is no value")
    return found + visit.errors


# what a company has that only sells: its other tables are there, as they always are, and empty
SALES = {
    "dim_account", "dim_account_history", "dim_date", "dim_product", "fct_order_lines", "fct_orders", "fct_returns",
    "kpi_account_profile", "kpi_account_value", "kpi_churn", "kpi_board_measures", "kpi_cohort_retention",
    "kpi_revenue_bridge", "kpi_revenue_structure", "kpi_order_channel", "kpi_product_performance",
}  # fmt: skip
ALWAYS = {"metric_catalog", "publication_info"}
SALES_MEASURES = ("revenue", "orders", "aov", "gross_margin_rate", "new_customers", "churn_rate")


def emptied(demo: CommandLine, folder: Path, keep: set[str]) -> CommandLine:
    """The demo's publication with most tables empty."""
    company = CommandLine(folder, "demo")
    company.publication.parent.mkdir(parents=True)
    shutil.copyfile(demo.publication, company.publication)
    with duckdb.connect(str(company.publication)) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            if name not in keep | ALWAYS | {"kpi_board"}:
                connection.execute(f"delete from {name}")
        connection.execute(f"delete from kpi_board where metric not in {SALES_MEASURES if keep else ('',)}")
        if not keep:
            connection.execute("update publication_info set as_of_on = null, data_starts_on = null")
    company.succeed("report")
    return company


def test_a_company_that_only_sells(demo: CommandLine, browser: Browser, tmp_path: Path) -> None:
    site = emptied(demo, tmp_path, SALES).data / "demo" / "site"
    with visiting(browser, 390) as visit:
        assert problems(visit, site) == []
        visit.open(site / "en" / "overview.html")
        expected = demo.value("select value from kpi_board where metric = 'revenue' and month_start = '2026-08-01'")
        assert visit.value("revenue") == pytest.approx(expected, rel=1e-9)
        assert "Win rate" in visit.page.inner_text(".without")
        for page in ("quotes", "web", "marketing", "service"):
            visit.open(site / "en" / f"{page}.html")
            assert visit.page.locator(".empty-state").count() >= 1
            assert visit.page.locator(".plot").count() == 0


def test_a_company_that_has_loaded_nothing(demo: CommandLine, browser: Browser, tmp_path: Path) -> None:
    site = emptied(demo, tmp_path, set()).data / "demo" / "site"
    with visiting(browser) as visit:
        assert problems(visit, site) == []
        visit.open(site / "en" / "overview.html")
        assert visit.page.locator(".plot").count() == 0
        assert "No data yet" in visit.page.inner_text("header")


def test_half_a_million_real_lines(online_retail: CommandLine, browser: Browser) -> None:
    site = online_retail.data / "online_retail" / "site"
    with visiting(browser) as visit:
        assert problems(visit, site) == []
        visit.open(site / "en" / "overview.html", "month=2011-11")
        expected = online_retail.value(
            "select value from kpi_board where metric = 'revenue' and month_start = '2011-11-01'"
        )
        assert visit.value("revenue") == pytest.approx(expected, rel=1e-9)
        visit.open(site / "en" / "account.html")
        assert int(visit.page.get_attribute("#all_accounts h3", "data-count")) == online_retail.value(
            "select count(*) from kpi_account_profile"
        )
