"""What is planted in the demo company about catalogs, prices and channels is found by the marts, and they agree."""

from typing import Any

import pytest
from command_line import CommandLine

PLANTED_ELASTICITIES = {"SKU-5009": -1.8, "SKU-5010": -0.6, "SKU-5011": 0.0}


@pytest.fixture(scope="module")
def price_cuts(demo: CommandLine) -> dict[tuple[str, str], dict[str, Any]]:
    found = demo.rows(
        "select split_part(catalog_id, ':', 2) as catalog, cast(cut_on as varchar) as cut_day, *"
        " from kpi_catalog_discount_effect where category = 'all'"
    )
    return {(row["catalog"], row["cut_day"]): row for row in found}


def test_only_the_planted_price_cuts_are_found(price_cuts: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert sorted(price_cuts) == [("key-account", "2026-06-01"), ("partner", "2026-01-12")]
    # items with price trials changed their prices on both days, too
    assert price_cuts["partner", "2026-01-12"]["items"] == 197
    assert price_cuts["key-account", "2026-06-01"]["items"] == 217


def test_the_price_cut_that_works(price_cuts: dict[tuple[str, str], dict[str, Any]]) -> None:
    cut = price_cuts["partner", "2026-01-12"]
    assert cut["is_complete"] and cut["is_reportable"] and cut["is_significant"]
    assert cut["price_change_rate"] == pytest.approx(-0.12, abs=0.005)
    # 20 units a line before, 41 after; the control stays where it was
    assert cut["units_per_line_factor"] == pytest.approx(2.06, abs=0.1)
    assert cut["units_factor"] == pytest.approx(2.5, abs=0.1)
    assert cut["units_per_line_effect"] > 1.7 and cut["log_units_effect"] > 0


def test_the_price_cut_that_does_not(price_cuts: dict[tuple[str, str], dict[str, Any]]) -> None:
    cut = price_cuts["key-account", "2026-06-01"]
    assert cut["is_complete"] and cut["is_reportable"] and not cut["is_significant"]
    assert cut["price_change_rate"] == pytest.approx(-0.08, abs=0.005)
    assert cut["units_per_line_factor"] == pytest.approx(1, abs=0.05)
    assert cut["units_per_line_effect"] == pytest.approx(1, abs=0.1)
    # it cost margin
    assert cut["margin_effect"] < 0.9


def test_a_price_cut_is_the_sum_of_its_categories(demo: CommandLine) -> None:
    assert (
        demo.rows("""
            select price_cut_id from kpi_catalog_discount_effect
            group by price_cut_id
            having sum(case when scope = 'catalog' then -1 else 1 end * after_sales_amount) <> 0
                or sum(case when scope = 'catalog' then -1 else 1 end * control_before_units) <> 0
                or sum(case when scope = 'catalog' then -1 else 1 end * items) <> 0
        """)
        == []
    )


def test_elasticities_are_found(demo: CommandLine) -> None:
    found = demo.rows("select * from kpi_product_price_position where elasticity is not null")
    assert {row["sku"] for row in found} == set(PLANTED_ELASTICITIES)
    for row in found:
        error = row["elasticity"] - PLANTED_ELASTICITIES[row["sku"]]
        assert abs(error) < 2 * row["elasticity_standard_error"], row["sku"]
        assert row["elasticity_standard_error"] < 0.07


def test_offline_orders_of_researchers_are_influenced(demo: CommandLine) -> None:
    # what the mart is made from, worked out from facts: 102 orders of A1904 to A1909, 30 of A1910 to A1912
    found = demo.rows("""
        select
            right(orders.account_id, 5) as account,
            count(distinct orders.order_id) as orders,
            count(distinct orders.order_id) filter (where sessions.session_id is not null) as influenced_orders
        from fct_orders as orders
        left join fct_sessions as sessions
            on orders.account_id = sessions.account_id
            and sessions.is_valid
            and sessions.product_views > 0
            and sessions.started_at < orders.ordered_at
            and sessions.started_on >= orders.ordered_on - 30
        where orders.is_valid and orders.order_channel in ('phone', 'email', 'sales_rep')
            and right(orders.account_id, 5) between 'A1904' and 'A1912'
        group by 1 order by 1
    """)
    assert [(row["orders"], row["influenced_orders"]) for row in found] == [(17, 17)] * 6 + [(10, 0)] * 3


def test_digital_influence_lies_between_the_planted_orders(demo: CommandLine) -> None:
    total = demo.rows("""
        select sum(offline_orders) as offline_orders, sum(influenced_orders) as influenced_orders
        from kpi_digital_influence where period <> 'all'
    """)[0]
    offline = demo.value(
        "select count(*) from fct_orders where is_valid and order_channel in ('phone', 'email', 'sales_rep')"
    )
    assert total["offline_orders"] == offline
    assert 102 <= total["influenced_orders"] <= offline - 30


@pytest.mark.parametrize(
    "mart",
    [
        "kpi_catalog_performance",
        "kpi_order_channel where period <> 'all'",
        "kpi_revenue_structure where dimension = 'category'",
    ],
)
def test_net_sales_are_those_of_the_facts(demo: CommandLine, mart: str) -> None:
    facts = demo.value("""
        select (select sum(net_amount) from fct_orders where is_valid)
            - (select sum(refund_amount) from fct_returns where is_valid)
    """)
    assert demo.value(f"select sum(net_sales_amount) from {mart}") == pytest.approx(facts)


def test_returns_are_those_of_the_facts(demo: CommandLine) -> None:
    facts = demo.rows("""
        select sum(refund_amount) as amount, sum(quantity) as units, count(*) as lines
        from fct_returns where is_valid
    """)[0]
    marts = demo.rows("""
        select sum(returns_amount) as amount, sum(returned_units) as units, sum(returned_lines) as lines
        from kpi_returns
    """)[0]
    assert {name: float(value) for name, value in marts.items()} == pytest.approx(
        {name: float(value) for name, value in facts.items()}
    )


def test_products_sell_what_orders_hold(demo: CommandLine) -> None:
    last_year = "ordered_on > date '2025-09-18'"
    facts = demo.rows(f"""
        select sum(net_amount) as sales, sum(quantity) as units, sum(net_amount - cost_amount) as margin
        from fct_order_lines where is_valid and {last_year}
    """)[0]
    marts = demo.rows("select sum(sales_amount) as sales, sum(units) as units from kpi_product_performance")[0]
    assert float(marts["sales"]) == pytest.approx(float(facts["sales"]))
    assert float(marts["units"]) == pytest.approx(float(facts["units"]))
    shares = demo.rows("""
        select abc_class, sum(net_sales_amount) / sum(sum(net_sales_amount)) over () as share
        from kpi_product_performance where abc_class <> 'none' group by abc_class order by abc_class
    """)
    assert float(shares[0]["share"]) <= 0.8
    assert float(shares[0]["share"]) + float(shares[1]["share"]) <= 0.95


def test_self_service_and_cancellations_are_those_of_the_facts(demo: CommandLine) -> None:
    found = demo.rows("""
        select sum(self_service_orders) as self_service, sum(cancelled_orders) as cancelled,
            sum(cancelled_after_shipment_orders) as cancelled_late
        from kpi_order_channel where period <> 'all'
    """)[0]
    # no such order of the demo came from a quote
    assert found["self_service"] == demo.value(
        "select count(*) from fct_orders where is_valid and order_channel in ('web_self_service', 'punchout', 'edi')"
    )
    assert found["cancelled"] == demo.value("select count(*) from fct_orders where exclusion_reason = 'cancelled'")
    assert found["cancelled_late"] == 7
