"""The published figures of UCI Online Retail, to the penny, from the marts of the workspace online_retail.

The expected values are those that papers and tutorials on the data set state; they were recomputed from the raw file
with other tools. Each test says under which definition its figure holds.
"""

import duckdb
import pytest
from command_line import CommandLine

# A line of a sale to a known customer at a price: what the literature calls the clean rows.
CLEAN_LINES = "fct_order_lines where quantity > 0 and unit_price_txn > 0 and account_id is not null"


def test_every_line_is_accounted_for(online_retail: CommandLine) -> None:
    (row,) = online_retail.rows("select * from reconciliation")
    assert row["raw_rows"] == 541_909
    assert row["accepted_rows"] + row["merged_rows"] + row["rejected_rows"] == 541_909
    # the 5,268 lines that equal another one are lines of their own: the export has no line number to tell
    assert row["merged_rows"] == 0


def test_what_is_no_sale_is_rejected_with_its_rule(online_retail: CommandLine) -> None:
    rows = online_retail.rows("select detail, count(*) as lines from rejected_rows group by all order by all")
    assert rows == [
        {"detail": "not_a_sale: bad debt adjustment", "lines": 3},
        {"detail": "not_a_sale: stock correction", "lines": 1_336},
    ]


def test_invoices_customers_and_countries_of_the_whole_file(online_retail: CommandLine) -> None:
    # the working database also has the raw rows; a workspace that is not being built may be read
    with duckdb.connect(str(online_retail.data / "online_retail" / "working.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select count(distinct invoice_no), count(distinct nullif(customer_no, '')), count(distinct country_name),"
            " sum(cast(quantity as decimal(18, 4)) * cast(unit_price as decimal(18, 4)))::varchar"
            " from staging.stg_online_retail__invoice_lines"
        ).fetchone() == (25_900, 4_372, 38, "9747747.93400000")
    assert online_retail.value("select count(*) from dim_account") == 4_372


def test_cancellation_invoices(online_retail: CommandLine) -> None:
    (row,) = online_retail.rows(
        "select count(distinct credit_note_id) as credit_notes, sum(refund_amount) as refunded from fct_returns"
    )
    assert (row["credit_notes"], row["refunded"]) == (3_836, 896_812.49)


def test_clean_lines(online_retail: CommandLine) -> None:
    (row,) = online_retail.rows(
        "select count(*) as lines, count(distinct order_id) as invoices, count(distinct account_id) as customers,"
        f" sum(net_amount) as amount from {CLEAN_LINES}"
    )
    assert row == {"lines": 397_884, "invoices": 18_532, "customers": 4_338, "amount": 8_911_407.904}


def test_the_orders_that_count_are_the_clean_ones(online_retail: CommandLine) -> None:
    (row,) = online_retail.rows(
        "select count(*) as orders, count(distinct account_id) as customers, sum(net_amount) as amount"
        " from fct_orders where is_valid"
    )
    assert row == {"orders": 18_532, "customers": 4_338, "amount": 8_911_407.904}


def test_lines_without_customer_are_kept_out_by_name(online_retail: CommandLine) -> None:
    rows = online_retail.rows(
        "select exclusion_reason, count(*) as orders from fct_orders where not is_valid group by all order by all"
    )
    # recounted from the raw file: invoices with a positive line and no customer; customers' invoices of samples only
    assert rows == [{"exclusion_reason": "no_buyer", "orders": 2_189}, {"exclusion_reason": "zero_value", "orders": 4}]


def test_average_order_value(online_retail: CommandLine) -> None:
    value = online_retail.value("select sum(numerator) / sum(denominator) from kpi_board where metric = 'aov'")
    assert value == pytest.approx(480.87, abs=0.005)


def test_purchase_frequency_and_repeat_customers(online_retail: CommandLine) -> None:
    (row,) = online_retail.rows(
        "select sum(orders) / count(*) as frequency,"
        " avg(case when orders >= 2 then 100.0 else 0 end) as repeat_by_invoices,"
        " avg(case when is_repeat_customer then 100.0 else 0 end) as repeat_by_days"
        " from kpi_account_profile where is_customer"
    )
    assert row["frequency"] == pytest.approx(4.2720, abs=0.00005)
    assert row["repeat_by_invoices"] == pytest.approx(65.58, abs=0.005)
    assert row["repeat_by_days"] == pytest.approx(64.32, abs=0.005)


def test_purchase_frequency_and_repeat_rate_to_date(online_retail: CommandLine) -> None:
    (row,) = online_retail.rows("select * from kpi_churn order by month_start desc limit 1")
    assert (row["customers_to_date"], row["orders_to_date"]) == (4_338, 18_532)
    assert row["orders_per_customer_to_date"] == pytest.approx(4.2720, abs=0.00005)
    assert row["repeat_by_orders_to_date_rate"] == pytest.approx(0.6558, abs=0.00005)
    assert row["repeat_to_date_rate"] == pytest.approx(0.6432, abs=0.00005)
    rates = online_retail.rows(
        "select counted_by, repeat_rate from kpi_repeat_probability where purchase_number = 1 order by counted_by"
    )
    assert [row["repeat_rate"] for row in rates] == pytest.approx([0.6432, 0.6558], abs=0.00005)


def test_first_cohort(online_retail: CommandLine) -> None:
    rows = online_retail.rows(
        "select retained_customers, is_complete_period from kpi_cohort_retention"
        " where cohort_month = '2010-12-01' order by months_since"
    )
    assert [row["retained_customers"] for row in rows] == [
        885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235,
    ]  # fmt: skip
    # data end on 9 December 2011
    assert [row["is_complete_period"] for row in rows] == [True] * 12 + [False]


def test_the_partial_last_month_is_not_compared(online_retail: CommandLine) -> None:
    (row,) = online_retail.rows(
        "select trend, change_rate, is_complete_period from kpi_board"
        " where metric = 'revenue' and month_start = '2011-12-01'"
    )
    assert row == {"trend": None, "change_rate": None, "is_complete_period": False}


def test_postage_is_flagged(online_retail: CommandLine) -> None:
    rows = online_retail.rows(
        "select sku, product_type from dim_product where product_type not in ('goods', 'gift_card') order by sku"
    )
    assert {row["sku"]: row["product_type"] for row in rows} == {
        "AMAZONFEE": "fee",
        "B": "adjustment",
        "BANK CHARGES": "fee",
        "C2": "shipping",
        "CRUK": "fee",
        "D": "discount",
        "DOT": "shipping",
        "M": "adjustment",
        "POST": "shipping",
        "S": "sample",
        "m": "adjustment",
    }


def test_loading_the_file_again_changes_nothing(online_retail: CommandLine, online_retail_file: object) -> None:
    output = online_retail.succeed("load", "online_retail", str(online_retail_file))
    assert "had been loaded before (541,909 rows)" in output
