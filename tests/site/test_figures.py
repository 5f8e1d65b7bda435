"""The figures of the pages are those of the marts, also when a filter is applied. The marts are asked directly."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from command_line import CommandLine
from pages import Visit, visiting
from playwright.sync_api import Browser

MONTH = "2026-08"
BOARD = """
    select metric, value from kpi_board_segments
    where strftime(month_start, '%Y-%m') = '{month}' and segment = '{segment}' and value is not null
"""
# what may be cut by size of company on the board
BY_SIZE = {
    "revenue", "orders", "aov", "gross_margin_rate", "session_conversion_rate", "new_customers", "repeat_customers",
    "customers_lost", "churn_rate", "quote_to_order_rate", "win_rate", "lead_conversion_rate", "on_time_delivery_rate",
}  # fmt: skip


@pytest.fixture(scope="module")
def marts(demo: CommandLine) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.publication), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def visit(browser: Browser) -> Iterator[Visit]:
    with visiting(browser) as visit:
        yield visit


def one(marts: duckdb.DuckDBPyConnection, query: str) -> float:
    ((value,),) = marts.execute(query).fetchall()
    return float(value)


def board(marts: duckdb.DuckDBPyConnection, month: str, segment: str) -> dict[str, float]:
    return dict(marts.execute(BOARD.format(month=month, segment=segment)).fetchall())


@pytest.mark.parametrize("month", ["2026-08", "2025-11", "2026-09"])
def test_the_board_is_that_of_the_mart(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection, month: str) -> None:
    visit.open(site / "en" / "overview.html", f"month={month}")
    expected = board(marts, month, "all")
    assert len(expected) >= 13
    shown = {metric: visit.value(metric) for metric in expected}
    assert shown == pytest.approx(expected, rel=1e-9)


def test_changes_and_targets_are_those_of_the_mart(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection) -> None:
    visit.open(site / "en" / "overview.html")
    for metric, change, attainment, unit in marts.execute(
        f"""
        select metric, change_rate, attainment_rate, unit from kpi_board
        where strftime(month_start, '%Y-%m') = '{MONTH}' and is_complete_period
        """
    ).fetchall():
        tile = visit.page.locator(f".tile[data-measure='{metric}']")
        if change is not None and unit != "rate":
            assert f"{100 * change:+.1f}".removesuffix(".0") + "%" in tile.inner_text().replace("\N{MINUS SIGN}", "-")
        if attainment is not None:
            assert f"{100 * attainment:.0f}% of the target" in tile.inner_text()


@pytest.mark.parametrize("segment", ["small", "medium", "large"])
def test_filtered_by_size(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection, segment: str) -> None:
    visit.open(site / "en" / "overview.html", f"segment={segment}")
    expected = {m: v for m, v in board(marts, MONTH, segment).items() if m in BY_SIZE}
    assert {metric: visit.value(metric) for metric in expected} == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "name, dimension", [("country", "country"), ("catalog", "catalog"), ("segment", "company_size")]
)
def test_revenue_of_each_member(
    site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection, name: str, dimension: str
) -> None:
    expected = dict(
        marts.execute(
            f"""
            select coalesce(catalog_id, member), net_sales_amount from kpi_revenue_structure
            left join dim_catalog on dimension = 'catalog' and member = catalog_name
            where dimension = '{dimension}' and strftime(month_start, '%Y-%m') = '{MONTH}'
            """
        ).fetchall()
    )
    shown = {}
    for member in expected:
        visit.open(site / "en" / "overview.html", f"{name}={member}", draw=False)
        shown[member] = visit.value("revenue")
    assert shown == pytest.approx({member: float(v) for member, v in expected.items()}, rel=1e-9)


def test_revenue_of_the_accounts_of_each_rep(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection) -> None:
    reps = marts.execute(
        f"""
        select rep_id, owned_net_sales_amount, owned_orders from kpi_rep_performance
        where strftime(month_start, '%Y-%m') = '{MONTH}'
        """
    ).fetchall()
    assert len(reps) >= 12
    for rep, amount, orders in reps:
        visit.open(site / "en" / "rep.html", f"rep={rep}", draw=False)
        if rep != "unknown":
            assert (visit.value("revenue"), visit.value("orders")) == pytest.approx((float(amount), orders), rel=1e-9)


def test_a_choice_by_hand_changes_figures_and_address(
    site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection
) -> None:
    visit.open(site / "en" / "overview.html")
    visit.page.select_option("select[name=span]", "3")
    visit.page.select_option("select[name=segment]", "large")
    assert visit.page.url.endswith("#span=3&segment=large")
    expected = one(
        marts,
        """
        select sum(net_sales_amount) from kpi_revenue_structure
        where dimension = 'company_size' and member = 'large' and month_start between '2026-06-01' and '2026-08-01'
        """,
    )
    assert visit.value("revenue") == pytest.approx(expected, rel=1e-9)
    # who opens the address sees the same
    visit.open(site / "en" / "overview.html", "span=3&segment=large")
    assert visit.value("revenue") == pytest.approx(expected, rel=1e-9)
    # and the other pages keep it
    assert visit.page.get_attribute("nav.side a[href^='customers']", "href").endswith("#span=3&segment=large")


# figures of the other pages, each against the mart that states it
FIGURES = {
    "customers": {
        "ordering_customers": "select ordering_customers from kpi_churn where {month}",
        "nrr_12m": "select nrr_rate from kpi_revenue_bridge where comparison = '12_months' and {month}",
        "grr_12m": "select grr_rate from kpi_revenue_bridge where comparison = '12_months' and {month}",
        "repeat_rate_12m": "select repeat_12m_rate from kpi_churn where {month}",
        "purchase_frequency_12m": "select orders_per_customer_12m from kpi_churn where {month}",
        "overdue_customers": "select count(*) from kpi_account_cadence where is_overdue",
        "clv_margin": "select avg(clv_margin_amount) from kpi_account_value where orders > 0",
        "top_20_percent_share": "select top_20_percent_rate from kpi_concentration where level = 'account' and {month}",
        "customer_hhi": "select hhi from kpi_concentration where level = 'account' and {month}",
    },
    "catalogs": {
        "catalog_revenue": "select sum(net_sales_amount) from kpi_catalog_performance where {month}",
        "units": "select sum(units) from kpi_catalog_performance where {month}",
        "discount_rate": "select sum(discount_amount) / sum(gross_amount) from kpi_catalog_performance where {month}",
    },
    "quotes": {
        "quotes_requested": "select requested_quotes from kpi_quote_funnel where dimension = 'all' and {month}",
        "quote_to_order_value_rate": "select quote_to_order_value_rate from kpi_quote_funnel"
        " where dimension = 'all' and {month}",
        "quote_discount_depth_rate": "select discount_depth_rate from kpi_negotiation"
        " where dimension = 'all' and {month}",
        "negotiation_hours_median": "select median_negotiation_hours from kpi_negotiation"
        " where dimension = 'all' and {month}",
        "open_quotes": "select count(*) from kpi_quote_outlook",
        "expected_quotes_amount": "select sum(expected_amount) from kpi_quote_outlook",
    },
    "sales": {
        "won_deals": "select won_deals from kpi_win_rate where dimension = 'all' and {month}",
        "win_rate": "select win_rate from kpi_win_rate where dimension = 'all' and {month}",
        "average_won_amount": "select average_won_amount from kpi_win_rate where dimension = 'all' and {month}",
        "sales_cycle_days_median": "select median_cycle_days from kpi_win_rate where dimension = 'all' and {month}",
        "pipeline_amount": "select open_amount from kpi_pipeline_health where dimension = 'all' and {month}",
        "pipeline_coverage_ratio": "select coverage_ratio from kpi_pipeline_health where dimension = 'all' and {month}",
        "quota_attainment_ratio": "select sum(owned_net_sales_amount) / sum(quota_amount) from kpi_rep_performance"
        " where quota_amount is not null and {month}",
    },
    "web": {
        "visitors": "select max(month_visitors) from kpi_traffic where {month}",
        "sessions": "select sum(sessions) from kpi_traffic where {month}",
        "engagement_rate": "select sum(engaged_sessions) / sum(sessions) from kpi_traffic where {month}",
        "cart_abandonment_rate": "select sum(abandoned_carts) / sum(decided_carts) from kpi_cart_outcomes"
        " where {month}",
    },
    "marketing": {
        "marketing_spend": "select sum(spend_amount) from kpi_campaign where {month}",
        "roas": "select roas from kpi_channel where channel = 'all' and {month}",
        "marketing_roi": "select roi from kpi_channel where channel = 'all' and {month}",
        "customer_acquisition_cost": "select customer_acquisition_cost_amount from kpi_channel"
        " where channel = 'all' and {month}",
    },
    "orders": {
        "gross_sales": "select sum(gross_sales_amount) from kpi_order_channel where {month}",
        "returns_amount": "select sum(returns_amount) from kpi_returns where {month}",
        "lines_per_order": "select sum(lines) / sum(orders) from kpi_order_channel where {month}",
        "self_service_order_rate": "select sum(self_service_orders) / sum(orders) from kpi_order_channel where {month}",
        "digital_influence_rate": "select sum(influenced_orders) / sum(offline_orders) from kpi_digital_influence"
        " where {month}",
    },
    "operations": {
        "otif_rate": "select sum(otif_lines) / sum(lines_due) from kpi_fulfilment where {month}",
        "fill_rate": "select sum(first_shipped_units) / sum(started_units) from kpi_order_to_delivery where {month}",
        "gross_margin": "select sum(margin_amount) from kpi_margin where {month}",
        "receivables_amount": "select sum(receivables_amount) from kpi_receivables where {month}",
        "overdue_rate": "select sum(overdue_amount) / sum(receivables_amount) from kpi_receivables where {month}",
        "dso_days": "select sum(receivables_amount) / sum(credit_sales_amount) * 90 from kpi_receivables where {month}",
        "stock_amount": "select sum(stock_amount) from kpi_inventory where {month}",
        "inventory_turnover": "select sum(cost_12m_amount) / sum(average_stock_amount) from kpi_inventory"
        " where {month}",
    },
    "service": {
        "inquiries": "select inquiries from kpi_service where channel = 'all' and topic = 'all' and {month}",
        "sla_hit_rate": "select sla_hit_rate from kpi_service where channel = 'all' and topic = 'all' and {month}",
        "service_response_hours_median": "select response_median_hours from kpi_service"
        " where channel = 'all' and topic = 'all' and {month}",
        "csat": "select top_two_rate from kpi_satisfaction"
        " where company_size = 'all' and survey_type = 'csat' and {month}",
        "review_score": "select mean_score from kpi_review where {month}",
    },
}


@pytest.mark.parametrize("page", FIGURES)
def test_figures_of_the_other_pages(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection, page: str) -> None:
    visit.open(site / "en" / f"{page}.html", draw=False)
    expected = {
        measure: one(marts, query.format(month=f"strftime(month_start, '%Y-%m') = '{MONTH}'"))
        for measure, query in FIGURES[page].items()
    }
    assert {measure: visit.value(measure) for measure in expected} == pytest.approx(expected, rel=1e-6)


def test_work_lists_have_the_rows_of_their_marts(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection) -> None:
    for page, table, query in [
        ("customers", "overdue", "select count(*) from kpi_account_cadence where is_overdue"),
        ("customers", "all_accounts", "select count(*) from kpi_account_profile"),
        ("catalogs", "product_table", "select count(*) from kpi_product_performance"),
        ("quotes", "open_quotes", "select count(*) from kpi_quote_outlook"),
        ("sales", "closing_deals", "select count(*) from kpi_deals_closing_soon"),
        ("sales", "agreements", "select count(*) from kpi_agreements_due"),
        ("operations", "open_invoices", "select count(*) from kpi_open_invoices"),
        ("operations", "credit", "select count(*) from kpi_credit where reason is not null"),
        ("service", "service_accounts", "select count(*) from kpi_service_account where reason is not null"),
    ]:
        visit.open(site / "en" / f"{page}.html", draw=False)
        shown = visit.page.locator(f"#{table} h3").get_attribute("data-count")
        assert int(shown) == one(marts, query), table


def test_the_rows_behind_a_figure_add_up_to_it(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection) -> None:
    visit.open(site / "en" / "overview.html", "segment=large")
    revenue = visit.value("revenue")
    visit.page.click(".tile[data-measure=revenue] a.quiet")
    visit.page.wait_for_selector("#rows_returns table")
    visit.page.wait_for_selector("#rows_orders table")
    sales = one(
        marts,
        f"select sales_amount from kpi_revenue_structure where dimension = 'company_size' and member = 'large'"
        f" and strftime(month_start, '%Y-%m') = '{MONTH}'",
    )
    orders = visit.page.locator("#rows_orders h3").get_attribute("data-count")
    assert int(orders) == board(marts, MONTH, "large")["orders"]
    # Intl writes the sum to the penny
    assert f"{sales:,.2f}" in visit.page.locator("#rows_orders .sums").inner_text()
    assert f"{sales - revenue:,.2f}" in visit.page.locator("#rows_returns .sums").inner_text()


def test_an_account_page_tells_its_history(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection) -> None:
    (account, name, orders, net_sales) = marts.execute(
        """
        select account_id, account_name, orders, net_sales_amount from kpi_account_profile
        order by net_sales_amount desc limit 1
        """
    ).fetchone()
    visit.open(site / "en" / "account.html", f"key={account}")
    visit.page.wait_for_selector("#part_orders")
    visit.draw_all()
    assert visit.page.inner_text("h1") == name
    assert float(visit.page.get_attribute("dd[data-field=orders]", "data-value")) == orders
    shown = float(visit.page.get_attribute("#own_revenue h3", "data-value"))
    assert shown == pytest.approx(float(net_sales), rel=1e-9)


def test_metric_cards_state_the_value_of_the_mart(site: Path, visit: Visit, marts: duckdb.DuckDBPyConnection) -> None:
    visit.open(site / "en" / "metrics.html")
    assert visit.page.locator(".metric-card").count() == one(marts, "select count(*) from metric_catalog")
    shown = visit.page.get_attribute("#card-revenue .value", "data-value")
    assert float(shown) == pytest.approx(board(marts, MONTH, "all")["revenue"], rel=1e-9)
    visit.page.fill("#card-search", "churn")
    assert 0 < visit.page.locator(".metric-card:visible").count() < 30
