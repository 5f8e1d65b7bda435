"""Several loads of one table: corrected, repeated, mended, and without ids."""

import hashlib
import hmac
from typing import Any

import duckdb
from compiled import SALT, CompiledProject, board, compile_project

FIRST = {"_batch_id": "b1", "_loaded_at": "2025-06-01 10:00:00"}
SECOND = {"_batch_id": "b2", "_loaded_at": "2025-06-02 10:00:00"}


def outcomes(company: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int, int]:
    return company.execute(
        "select accepted_rows, merged_rows, rejected_rows from reconciliation where table_name = ?", [table]
    ).fetchone()


def order(number: str, **columns: Any) -> dict[str, Any]:
    return {"order_id": number, "account_id": "A", "ordered_at": "2025-01-03", **columns}


def line(number: str, price: str, **columns: Any) -> dict[str, Any]:
    return {"order_id": number, "product_id": "P", "quantity": "1", "unit_price": price, **columns}


def test_lines_without_ids_that_a_later_file_repeats_are_not_doubled(compiled_project: CompiledProject) -> None:
    # the second file has a new line on top, and the two equal lines of the first again
    company = compiled_project.run(
        orders=[order("1", **FIRST)],
        order_lines=[
            line("1", "5", **FIRST, _row_number=2),
            line("1", "5", **FIRST, _row_number=3),
            line("1", "7", **SECOND, _row_number=2),
            line("1", "5", **SECOND, _row_number=3),
            line("1", "5", **SECOND, _row_number=4),
        ],
    )
    assert board(company, "revenue") == {"2025-01": 17}
    assert outcomes(company, "order_lines") == (3, 2, 0)


def test_lines_of_one_order_in_two_files_are_both_kept(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        orders=[order("1", **FIRST)],
        order_lines=[line("1", "5", **FIRST, _row_number=2), line("1", "89", **SECOND, _row_number=2)],
    )
    assert board(company, "revenue") == {"2025-01": 94}


def test_the_same_file_name_with_a_broken_row_every_day(compiled_project: CompiledProject) -> None:
    broken = order("2", ordered_at="yesterday")
    company = compiled_project.run(
        orders=[
            order("1", **FIRST, _row_number=2),
            {**broken, **FIRST, "_row_number": 3},
            order("1", **SECOND, _row_number=2),
            {**broken, **SECOND, "_row_number": 3},
            order("3", **SECOND, _row_number=4),
        ],
        order_lines=[line("1", "5"), line("3", "5")],
    )
    assert board(company, "orders") == {"2025-01": 2}
    assert outcomes(company, "orders") == (2, 1, 2)
    (sql,) = (s for name, s in compiled_project.tests.items() if name.startswith("unique_combination_rejected_rows"))
    assert company.execute(sql).fetchall() == []


def test_a_row_that_a_later_load_mends_is_rejected_no_more(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        orders=[order("1", status="canceled", **FIRST), order("1", status="cancelled", **SECOND)],
        order_lines=[line("1", "5")],
    )
    assert outcomes(company, "orders") == (1, 1, 0)
    assert company.execute("select count(*) from rejected_rows").fetchone() == (0,)


def test_a_row_that_a_later_load_breaks_leaves_the_sound_one(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        orders=[order("1", **FIRST), order("1", status="canceled", **SECOND)], order_lines=[line("1", "5")]
    )
    assert board(company, "revenue") == {"2025-01": 5}
    assert outcomes(company, "orders") == (1, 0, 1)


def test_two_files_of_one_moment_do_not_reject_each_other(compiled_project: CompiledProject) -> None:
    same_moment = {**SECOND, "_loaded_at": FIRST["_loaded_at"]}
    company = compiled_project.run(
        orders=[order("1", **FIRST, _row_number=2), order("1", status="pending", **same_moment, _row_number=2)],
        order_lines=[line("1", "5")],
    )
    assert outcomes(company, "orders") == (1, 0, 1)


def test_an_event_sent_again_is_merged_whenever_it_was_received(compiled_project: CompiledProject) -> None:
    event = {"event_id": "1", "visitor_id": "V", "occurred_at": "2025-01-03T10:00:00Z", "event_name": "page_view"}
    company = compiled_project.run(
        web_events=[
            {**event, "received_at": "2025-01-03T10:00:01Z"},
            {**event, "received_at": "2025-01-05T08:00:00Z"},
        ]
    )
    assert outcomes(company, "web_events") == (1, 1, 0)


def test_addresses_are_hashed_and_one_guest_is_one_customer(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        contacts=[{"contact_id": "C", "account_id": "A", "email_hash": "Jo@Acme.example"}],
        orders=[
            order("1", account_id=None, guest_key="jo@acme.example"),
            order("2", account_id=None, guest_key=" JO@ACME.example"),
            order("3", account_id=None, guest_key="DE123"),
            order("4", account_id=None, guest_key="de123"),
            order("5", account_id=None, guest_key="max@acme.example", status="broken"),
        ],
        order_lines=[line(number, "5") for number in "12345"],
    )
    assert board(company, "new_customers") == {"2025-01": 2}
    hashed = hmac.new(SALT, b"jo@acme.example", hashlib.sha256).hexdigest()
    assert company.execute("select email_hash from dim_contact").fetchall() == [(hashed,)]
    for (table,) in company.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall():
        shown = company.execute(f"select count(*) from {table} as r where r::varchar ilike '%acme.example%'").fetchone()
        assert shown == (0,), f"{table} shows an address"


def test_an_order_given_away_by_discount_is_no_sale(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        orders=[order("1"), order("2")],
        order_lines=[line("1", "5"), line("2", "0", list_unit_price="30")],
    )
    assert board(company, "orders") == {"2025-01": 1}
    assert company.execute("select exclusion_reason from fct_orders where not is_valid").fetchall() == [("zero_value",)]


def test_a_system_counts_only_in_the_domains_it_is_enabled_for(tmp_path_factory: Any) -> None:
    project = compile_project(tmp_path_factory.mktemp("domains"), systems={"commerce": ["flat_file"]})
    company = project.run(
        accounts=[{"account_id": "A", "account_name": "Acme"}], orders=[order("1")], order_lines=[line("1", "5")]
    )
    # the account list belongs to the crm domain, which has no system here
    assert company.execute("select account_name, is_listed from dim_account").fetchall() == [("flat_file:A", False)]
    tables = {row[0] for row in company.execute("select table_name from reconciliation").fetchall()}
    assert "orders" in tables and "accounts" not in tables
