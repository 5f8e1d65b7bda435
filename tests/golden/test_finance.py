"""Receivables, credit and margin on a company small enough to be worked out by hand."""

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
from compiled import CompiledProject, records
from scratch import rows_of

ROOT = Path(__file__).parents[2]
ACCOUNTS = [
    {"account_id": "A1", "company_size": "small", "credit_limit": "100", "parent_account_id": "A2"},
    {"account_id": "A2", "company_size": "large", "credit_limit": "1300"},
    {"account_id": "A3", "company_size": "medium", "credit_limit": "50"},
    {"account_id": "A4"},
    # a limit, and nothing owed
    {"account_id": "A5", "credit_limit": "10"},
    # neither: not on the list
    {"account_id": "A6"},
    {"account_id": "TEST", "is_test": "true", "credit_limit": "1"},
]
EXCHANGE_RATES = [
    {"rate_on": "2025-01-01", "currency_code": "EUR", "rate_to_base": "4.00"},
    {"rate_on": "2025-02-01", "currency_code": "EUR", "rate_to_base": "4.20"},
    {"rate_on": "2025-03-01", "currency_code": "EUR", "rate_to_base": "4.10"},
    {"rate_on": "2025-04-01", "currency_code": "EUR", "rate_to_base": "4.30"},
]


def order(number: str, account: str, day: str, **more: str) -> dict[str, Any]:
    return {"order_id": number, "account_id": account, "ordered_at": f"{day} 12:00:00", **more}


def invoice(number: str, account: str, issued: str, due: str, amount: str, terms: int, **more: str) -> dict[str, Any]:
    return {"invoice_id": number, "account_id": account, "issued_on": f"2025-{issued}", "due_on": f"2025-{due}",
            "amount": amount, "payment_terms_days": terms, **more}  # fmt: skip


def payment(number: int, invoice: str | None, paid: str, amount: str, **more: str) -> dict[str, Any]:
    return {"payment_id": number, "invoice_id": invoice, "paid_on": f"2025-{paid}", "amount": amount, **more}


def line(order: str, price: str, quantity: int = 1, **more: str) -> dict[str, Any]:
    return {"order_line_id": f"{order}-{price}", "order_id": order, "product_id": "P", "quantity": quantity,
            "unit_price": price, **more}  # fmt: skip


def almost(value: Any) -> Any:
    return None if value is None else pytest.approx(float(value), abs=1e-6)


def cells(company: duckdb.DuckDBPyConnection, mart: str, columns: str, dimension: str) -> dict[tuple[str, str], tuple]:
    """Values of a mart by month and dimension, as {('01', 'small'): (value, ...)}."""
    rows = company.execute(f"select strftime(month_start, '%m'), {dimension}, {columns} from {mart}").fetchall()
    return {(row[0], row[1]): tuple(almost(value) for value in row[2:]) for row in rows}


@pytest.fixture(scope="module")
def company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    marts = ("kpi_receivables", "kpi_payment_terms", "kpi_open_invoices", "kpi_credit")
    return compiled_project.upstream_of(*(f"marts.{mart}" for mart in marts)).run(
        accounts=ACCOUNTS,
        exchange_rates=EXCHANGE_RATES,
        products=[{"product_id": "P"}],
        orders=[
            # data from the first day of the year to 15 April
            order("FIRST", "A1", "2025-01-01", order_type="sample"),
            order("CARD", "A1", "2025-01-31", payment_method="card"),
            order("O2", "A1", "2025-04-10", shipping_amount="10", tax_amount="23"),
            order("O3", "A2", "2025-04-05", currency_code="EUR"),
            order("O4", "A3", "2025-04-05"),
            order("O5", "A4", "2025-04-05"),
            # paid at once, cancelled, of testers: no credit
            order("O6", "A5", "2025-04-06", payment_method="card"),
            order("O7", "A5", "2025-04-06", cancelled_at="2025-04-07 12:00:00"),
            order("O8", "TEST", "2025-04-15"),
            order("LAST", "A1", "2025-04-15", order_type="sample"),
        ],
        order_lines=[
            line("FIRST", "1"),
            line("CARD", "80"),
            line("O2", "100"),
            line("O3", "10"),
            line("O4", "100"),
            line("O5", "7"),
            line("O6", "500"),
            line("O7", "500"),
            line("O8", "9"),
            line("LAST", "9"),
        ],
        invoices=[
            invoice("I1", "A1", "01-10", "02-09", "100", 30),
            invoice("I2", "A1", "01-20", "02-19", "200", 30),
            # 400 PLN on the day of issue; an amount open in euros
            invoice("I3", "A2", "01-15", "02-14", "100", 30, currency_code="EUR"),
            invoice("I4", "A2", "03-05", "05-04", "1000", 60, is_disputed="true"),
            invoice("I5", "TEST", "03-05", "03-06", "9999", 30),
            invoice("I6", "A1", "03-20", "04-19", "60", 30),
            # after the last day of data
            invoice("I7", "A1", "04-20", "05-20", "5", 30),
            invoice("I8", "A1", "02-05", "02-05", "80", 0, order_id="CARD"),
            invoice("I9", "A1", "01-10", "02-09", "50", 30),
            # the first part of an order
            invoice("I10", "A3", "04-12", "05-12", "60", 30, order_id="O4"),
            invoice("C1", "A1", "03-10", "03-10", "-30", 0),
        ],
        payments=[
            payment(1, "I1", "02-09", "100"),
            payment(2, "I2", "02-10", "50"),
            payment(3, "I2", "03-01", "150"),
            payment(4, "I3", "02-20", "40", currency_code="EUR"),
            # ten too much
            payment(5, "I6", "04-01", "70"),
            # before the invoices
            payment(6, "I7", "04-10", "5"),
            payment(7, "I8", "01-31", "80"),
            # a cent short
            payment(8, "I9", "02-09", "49.99"),
            payment(9, "I10", "04-13", "60"),
            payment(10, None, "03-15", "15", account_id="A2"),
            payment(11, "I5", "03-06", "1"),
            payment(12, "I4", "04-16", "1000"),
        ],
    )


def test_receivables_roll_forward(company: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "opening_amount, invoiced_amount, paid_amount, settlement_difference_amount, exchange_difference_amount,"
        " closing_amount"
    )
    found = cells(company, "kpi_receivables", columns, "company_size")
    assert {key: value for key, value in found.items() if key[1] in ("small", "large")} == {
        # I1, I2, I9
        ("01", "small"): (0, 350, 0, 0, 0, 350),
        # I8; I1, part of I2, I8 that was paid in January, I9 but for a cent
        ("02", "small"): (350, 80, 279.99, -0.01, 0, 150),
        # I6 and C1; the rest of I2
        ("03", "small"): (150, 30, 150, 0, 0, 30),
        # I6 and ten more
        ("04", "small"): (30, 0, 70, 10, 0, -30),
        ("01", "large"): (0, 400, 0, 0, 0, 400),
        # 40 EUR at 4.20; what is open is 60 EUR at 4.20: 100 EUR gained .20
        ("02", "large"): (400, 0, 168, 0, 20, 252),
        # 60 EUR lost .10
        ("03", "large"): (252, 1000, 0, 0, -6, 1246),
        # 60 EUR gained .20
        ("04", "large"): (1246, 0, 0, 0, 12, 1258),
    }
    assert found["04", "medium"] == (0, 60, 60, 0, 0, 0)


def test_aging(company: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "open_invoices, receivables_amount, current_amount, past_due_1_30_amount, past_due_31_60_amount,"
        " past_due_61_90_amount, past_due_over_90_amount, overdue_amount, disputed_amount, credit_notes_amount,"
        " not_applied_amount, overdue_rate"
    )
    found = cells(company, "kpi_receivables", columns, "company_size")
    # I8 is paid, and not issued
    assert found["01", "small"] == (3, 350, 350, 0, 0, 0, 0, 0, 0, 0, 80, 0)
    # I2, nine days
    assert found["02", "small"] == (1, 150, 0, 150, 0, 0, 0, 150, 0, 0, 0, 1)
    assert found["03", "small"] == (1, 60, 60, 0, 0, 0, 0, 0, 0, -30, 0, 0)
    # ten paid too much, five for an invoice to come
    assert found["04", "small"] == (0, 0, 0, 0, 0, 0, 0, 0, 0, -30, 15, None)
    # I3, 14 and 45 days; 15 belong to no invoice
    assert found["02", "large"] == (1, 252, 0, 252, 0, 0, 0, 252, 0, 0, 0, 1)
    assert found["03", "large"] == (2, 1246, 1000, 0, 246, 0, 0, 246, 1000, 0, 15, 246 / 1246)
    # sixty days exactly
    assert found["04", "large"] == (2, 1258, 1000, 0, 258, 0, 0, 258, 1000, 0, 15, 258 / 1258)


def test_aging_at_every_limit(compiled_project: CompiledProject) -> None:
    # as of 30 April: due on the day itself, and 1, 30, 31, 60, 61, 90 and 91 days before
    days = ["04-30", "04-29", "03-31", "03-30", "03-01", "02-28", "01-30", "01-29"]
    limits = compiled_project.upstream_of("marts.kpi_receivables").run(
        orders=[order("1", "A", "2025-04-30")],
        invoices=[invoice(f"I{n}", "A", "01-02", day, str(10**n), 30) for n, day in enumerate(days)],
    )
    columns = (
        "current_amount, past_due_1_30_amount, past_due_31_60_amount, past_due_61_90_amount, past_due_over_90_amount"
    )
    (row,) = limits.execute(f"select {columns} from kpi_receivables").fetchall()
    # the orders start in April, and what was invoiced before counts in it
    assert row == (1, 110, 11_000, 1_100_000, 10_000_000)


def test_days_sales_outstanding(company: duckdb.DuckDBPyConnection) -> None:
    columns = "credit_sales_amount, dso_days, best_possible_dso_days, average_delinquent_days, dso_countback_days"
    found = cells(company, "kpi_receivables", columns, "company_size")
    # ninety days up to 31 March begin on 1 January; I8 was paid by card, C1 is no sale
    assert found["03", "small"] == (410, 60 / 410 * 90, 60 / 410 * 90, 0, 31)
    # countback: all of March (1000), none sold in February, 246 of January's 400
    assert found["03", "large"] == (
        1400, 1246 / 1400 * 90, 1000 / 1400 * 90, 246 / 1400 * 90, 31 + 28 + 246 / 400 * 31,
    )  # fmt: skip
    # from 16 January: I3 is of the 15th; 15 days of April without sales
    assert found["04", "large"] == (
        1000, 1258 / 1000 * 90, 90, 258 / 1000 * 90, 15 + 31 + 28 + 258 / 400 * 31,
    )  # fmt: skip
    # I2 and I6
    assert found["04", "small"] == (260, 0, 0, 0, 0)
    # the data do not reach back ninety days; countback needs only the sales
    assert found["02", "small"][:4] == (None, None, None, None)
    assert found["01", "large"] == (None, None, None, None, 31)


@pytest.mark.parametrize(
    ("receivables", "sales", "days", "expected"),
    [
        # ACT: 50m of receivables, 730m of sales in a year; then 18,000 of 20,000 in a month
        (50, 730, 365, 25),
        (18_000, 20_000, 30, 27),
        (5, 0, 90, None),
    ],
)
def test_days_sales_outstanding_by_the_book(receivables: int, sales: int, days: int, expected: float | None) -> None:
    macros = [(ROOT / "macros" / "sql" / name).read_text(encoding="utf-8") for name in ("common.sql", "finance.sql")]
    call = f"{{{{ days_sales_outstanding('{receivables}', '{sales}', {days}) }}}}"
    sql = jinja2.Template("".join([*macros, call])).render()
    assert rows_of(f"select {sql}") == [(almost(expected),)]


def test_punctuality_by_due_month(company: duckdb.DuckDBPyConnection) -> None:
    columns = "invoices_due, on_time_invoices, late_days, on_time_payment_rate, average_late_days"
    found = cells(company, "kpi_receivables", columns, "company_size")
    # I1, I8 and I9 in time, I2 ten days late
    assert found["02", "small"] == (4, 3, 10, 3 / 4, 10 / 4)
    # I3 is open for sixty days
    assert found["02", "large"] == (1, 0, 60, 0, 60)
    # C1 is a credit note, I6 is paid and not due yet
    assert found["03", "small"] == found["04", "small"] == (0, 0, 0, None, None)
    (row,) = records(
        company,
        "select on_time_payment_rate_low as low, on_time_payment_rate_high as high, is_reportable from kpi_receivables"
        " where month_start = '2025-02-01' and company_size = 'small'",
    )
    # 3 of 4, the mirror image of 1 of 4
    assert row == {
        "low": pytest.approx(0.30064, abs=1e-5), "high": pytest.approx(0.95441, abs=1e-5), "is_reportable": False
    }  # fmt: skip


def test_months_of_receivables(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select strftime(month_start, '%m'), cast(stated_on as varchar), is_complete_period from kpi_receivables"
        " where company_size = 'small' order by 1"
    ).fetchall()
    assert rows == [
        ("01", "2025-01-31", True),
        ("02", "2025-02-28", True),
        ("03", "2025-03-31", True),
        ("04", "2025-04-15", False),
    ]


def test_payment_terms(company: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "payment_terms_days, invoices, month_invoices, invoiced_amount, month_invoiced_amount, invoice_share_rate,"
        " amount_share_rate, invoices_due, on_time_invoices, settled_invoices, late_days, on_time_payment_rate,"
        " average_late_days, days_to_pay_median"
    )
    found = cells(company, "kpi_payment_terms", columns, "payment_terms")
    assert len(found) == 4 * 3
    # I1, I2, I9 and I3, open; after 30, 40 and 30 days
    assert found["01", "30 days"] == (30, 4, 4, 750, 750, 1, 1, 4, 2, 3, 70, 2 / 4, 70 / 4, 30)
    # paid before it was issued
    assert found["02", "0 days"] == (0, 1, 1, 80, 80, 1, 1, 1, 1, 1, 0, 1, 0, 0)
    assert found["02", "30 days"] == (30, 0, 1, 0, 80, 0, 0, 0, 0, 0, 0, None, None, None)
    # I4 is neither due nor paid by 15 April, I6 paid after twelve days
    assert found["03", "60 days"] == (60, 1, 2, 1000, 1060, 1 / 2, 1000 / 1060, 0, 0, 0, 0, None, None, None)
    assert found["03", "30 days"] == (30, 1, 2, 60, 1060, 1 / 2, 60 / 1060, 0, 0, 1, 0, None, None, 12)


def test_open_invoices(company: duckdb.DuckDBPyConnection) -> None:
    rows = records(
        company,
        "select split_part(invoice_id, ':', 2) as invoice, company_size, aging_bucket, amount, open_amount_txn,"
        " open_amount, receivables_rate, past_due_days, is_overdue, is_disputed, is_large, reason"
        " from kpi_open_invoices order by 1",
    )
    assert [tuple(row.values()) for row in rows] == [
        # the larger one alone is more than half of 1258
        ("I3", "large", "31-60", 400, 60, 258, almost(258 / 1258), 60, True, False, False, "overdue"),
        ("I4", "large", "current", 1000, 1000, 1000, almost(1000 / 1258), -19, False, True, True, "disputed, large"),
    ]


def test_credit(company: duckdb.DuckDBPyConnection) -> None:
    rows = records(
        company,
        "select split_part(account_id, ':', 2) as account, credit_limit_amount, open_invoices, open_amount,"
        " overdue_amount, disputed_amount, oldest_overdue_days, open_orders, open_orders_amount, exposure_amount,"
        " credit_use_rate, overdue_rate, is_over_limit, is_group_over_limit, reason from kpi_credit order by 1",
    )
    assert [tuple(row.values()) for row in rows] == [
        # the credit note, and 100 + 10 + 23 to be invoiced
        ("A1", 100, 0, -30, 0, 0, None, 1, 133, 103, almost(1.03), 0, True, True,
         "over its limit, group over its limit"),
        # 1258 and 10 EUR at 4.30
        ("A2", 1300, 2, 1258, 258, 1000, 60, 1, 43, 1301, almost(1301 / 1300), almost(258 / 1258), True, True,
         "over its limit, group over its limit, overdue, disputed"),
        # 60 of 100 are invoiced and paid, the rest is still to leave
        ("A3", 50, 0, 0, 0, 0, None, 1, 40, 40, almost(0.8), None, False, False, "near its limit"),
        ("A4", None, 0, 0, 0, 0, None, 1, 7, 7, None, None, False, False, "credit without a limit"),
        ("A5", 10, 0, 0, 0, 0, None, 0, 0, 0, 0, None, False, False, None),
    ]  # fmt: skip
    groups = company.execute(
        "select split_part(ultimate_parent_id, ':', 2), group_accounts, group_credit_limit_amount,"
        " group_exposure_amount, group_overdue_amount, group_credit_use_rate from kpi_credit"
        " where account_id like '%:A1'"
    ).fetchall()
    assert groups == [("A2", 2, 1400, 1404, 258, almost(1404 / 1400))]


def test_margin(compiled_project: CompiledProject) -> None:
    trade = compiled_project.upstream_of("marts.kpi_margin").run(
        accounts=[
            {"account_id": "A1", "company_size": "medium"},
            {"account_id": "A2", "company_size": "large"},
            {"account_id": "TEST", "is_test": "true"},
        ],
        account_versions=[
            {"account_id": "A1", "valid_from": "2024-01-01", "company_size": "small"},
            {"account_id": "A1", "valid_from": "2025-02-01", "company_size": "medium"},
        ],
        exchange_rates=[{"rate_on": "2025-02-10", "currency_code": "EUR", "rate_to_base": "4"}],
        products=[{"product_id": "P"}],
        orders=[
            order("1", "A1", "2025-01-03"),
            order("2", "A2", "2025-02-10", currency_code="EUR"),
            order("3", "A2", "2025-02-10", cancelled_at="2025-02-11"),
            order("4", "TEST", "2025-03-31"),
            order("5", "A2", "2025-03-31", order_type="sample"),
        ],
        order_lines=[
            line("1", "100", 2, unit_cost="60"),
            # nobody knows what it cost
            line("1", "50"),
            line("2", "10", unit_cost="6"),
            line("3", "1000", unit_cost="1"),
            line("4", "1000", unit_cost="1"),
        ],
        returns=[
            {"return_id": "1", "order_id": "1", "order_line_id": "1-100", "quantity": "1", "refund_amount": "100",
             "returned_at": "2025-02-05", "is_restocked": "true"},
            {"return_id": "2", "order_id": "1", "order_line_id": "1-50", "quantity": "1", "refund_amount": "20",
             "returned_at": "2025-02-06"},
            # scrapped
            {"return_id": "3", "order_id": "2", "order_line_id": "2-10", "quantity": "1", "refund_amount": "10",
             "currency_code": "EUR", "returned_at": "2025-03-01", "is_restocked": "false"},
            # a credit that names no order
            {"return_id": "4", "account_id": "A1", "returned_at": "2025-03-02", "refund_amount": "5"},
        ],
    )  # fmt: skip
    columns = "net_sales_amount, costed_net_sales_amount, cost_amount, margin_amount, margin_rate, cost_coverage_rate"
    found = cells(trade, "kpi_margin", columns, "company_size")
    assert len(found) == 9
    assert {key: value for key, value in found.items() if value[0] != 0} == {
        ("01", "small"): (250, 200, 120, 80, 80 / 200, 200 / 250),
        # taken back after the company grew: from the size it was sold to
        ("02", "small"): (-120, -100, -60, -40, None, None),
        # 10 EUR at 4, cost 6 EUR
        ("02", "large"): (40, 40, 24, 16, 16 / 40, 1),
        ("03", "large"): (-40, -40, 0, -40, None, None),
        ("03", "medium"): (-5, 0, 0, 0, None, None),
    }
