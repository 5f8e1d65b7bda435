"""A company without any data, and one with one row in each table: everything builds, and every dbt test passes."""

import duckdb
import pytest
import yaml
from compiled import CompiledProject
from warehouse.project import PROJECT_ROOT, dbt_variables

ENTITIES = [entity for domain in dbt_variables()["domains"].values() for entity in domain]
# What a value has to be where any text of its type would be refused.
NEEDED = {
    "currency_code": "PLN",
    "country_code": "PL",
    "metric": "revenue",
    "score": "4",
    "page_url": "/",
    "employee_count": "10",
    "event_name": "add_to_cart",
}
# Rows that mean nothing without what they are a part of.
PARTS = {
    "order_lines": "dangling_reference: order_id flat_file:1 is not in orders",
    "approvals": "dangling_reference: order_id flat_file:1 is not in orders",
    "shipments": "dangling_reference: order_line_id flat_file:1 is not in order_lines",
    "quote_events": "dangling_reference: quote_id flat_file:1 is not in quotes",
    "opportunity_stages": "dangling_reference: opportunity_id flat_file:1 is not in opportunities",
}
BY_TYPE = {"varchar": "x", "boolean": "false", "date": "2025-01-31", "timestamp": "2025-01-31 10:00:00"}


def one_row(entity: str) -> dict[str, str]:
    """A row with every column of a contract filled: all ids are "1", all moments the same, codes the first accepted."""
    (model,) = yaml.safe_load((PROJECT_ROOT / f"models/conformed/{entity}.yml").read_text(encoding="utf-8"))["models"]
    row = {}
    for column in model["columns"]:
        name, kind = column["name"], column["data_type"]
        codes = column.get("config", {}).get("meta", {}).get("accepted_values")
        if name.endswith("_id") or name == "guest_key":
            row[name] = "1"
        elif codes:
            row[name] = codes[0]
        else:
            row[name] = NEEDED.get(name) or BY_TYPE.get(kind, "1")
    # a head of a group is owned by nobody, an order by an account is no guest's, a live order was not cancelled
    for column in ("source_system", "parent_account_id", "guest_key", "cancelled_at", "raw_row"):
        row.pop(column, None)
    return row


def outcomes(company: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    """Accepted and rejected rows of a table."""
    return company.execute(
        "select accepted_rows, rejected_rows from reconciliation where table_name = ?", [table]
    ).fetchone()


def failing_tests(project: CompiledProject, company: duckdb.DuckDBPyConnection) -> dict[str, list[tuple]]:
    found = {name: company.execute(sql).fetchmany(3) for name, sql in project.tests.items()}
    return {name: rows for name, rows in found.items() if rows}


def test_a_company_without_data(compiled_project: CompiledProject) -> None:
    company = compiled_project.run()
    assert failing_tests(compiled_project, company) == {}
    filled = {
        table
        for (table,) in company.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        if company.execute(f"select count(*) from {table}").fetchone() != (0,)
    }
    # the accounts of the build itself; no number about a company that gave none
    assert filled == {"publication_info", "reconciliation"}


def test_a_company_with_one_row_in_each_table(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(**{entity: [one_row(entity)] for entity in ENTITIES})
    assert company.execute("select * from rejected_rows").fetchall() == []
    accepted = company.execute("select table_name, accepted_rows from reconciliation").fetchall()
    assert dict(accepted) == dict.fromkeys(ENTITIES, 1)
    assert failing_tests(compiled_project, company) == {}
    empty = [
        table
        for (table,) in company.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' and table_name like 'fct_%'"
        ).fetchall()
        if company.execute(f"select count(*) from {table}").fetchone() == (0,)
    ]
    # the discount of the one order leaves nothing of it, and only orders that count are delivered
    assert empty == ["fct_order_deliveries"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_company_that_exports_one_table_only(compiled_project: CompiledProject, entity: str) -> None:
    company = compiled_project.run(**{entity: [one_row(entity)]})
    assert outcomes(company, entity) == ((0, 1) if entity in PARTS else (1, 0))
    reasons = company.execute("select reason, detail from rejected_rows").fetchall()
    assert reasons == ([("dangling_reference", PARTS[entity])] if entity in PARTS else [])
    assert failing_tests(compiled_project, company) == {}


def test_a_company_whose_parents_are_all_rejected(compiled_project: CompiledProject) -> None:
    order = {"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03"}
    line = {"order_line_id": "1", "order_id": "1", "product_id": "P", "quantity": "1", "unit_price": "5"}
    shipment = {"shipment_line_id": "1", "order_line_id": "1", "quantity": "1", "shipped_at": "2025-01-04"}
    broken_order = compiled_project.run(
        orders=[{**order, "ordered_at": "yesterday"}],
        order_lines=[line],
        shipments=[shipment],
        returns=[{"return_id": "1", "order_id": "1", "returned_at": "2025-01-05", "refund_amount": "5"}],
    )
    assert dict(broken_order.execute("select table_name, reason from rejected_rows").fetchall()) == {
        "orders": "untypable_value",
        "order_lines": "dangling_reference",
        "shipments": "dangling_reference",
        "returns": "dangling_reference",
    }
    assert {outcomes(broken_order, table) for table in ("orders", "order_lines", "shipments", "returns")} == {(0, 1)}
    assert failing_tests(compiled_project, broken_order) == {}
    # an account list was exported, and A is not on it
    broken_account = compiled_project.run(accounts=[{"account_id": "A", "employee_count": "-1"}], orders=[order])
    assert outcomes(broken_account, "orders") == (0, 1)
