"""What holds for any company, on companies that Hypothesis makes up.

The invariants themselves are dbt tests, which every build runs; here they meet data that nobody thought of. Beside
them stand relations between two companies: rows that must not matter, amounts doubled, another time zone.
"""

from decimal import Decimal
from typing import Any

import duckdb
import pytest
from companies import ENTITIES, Company, companies
from compiled import CompiledProject, Workbench, compile_project
from hypothesis import HealthCheck, assume, given, settings

# Keys and references of conformed entities are what screening sees to; the marts are what is tested here.
MARTS = ("kpi_", "fct_", "dim_")
AMOUNTS = {
    "accounts": ["credit_limit"],
    "products": ["unit_cost"],
    "orders": ["order_discount_amount"],
    "order_lines": ["unit_price", "list_unit_price", "unit_cost"],
    "returns": ["refund_amount"],
    "invoices": ["amount"],
    "payments": ["amount"],
    "quotes": ["base_amount", "negotiated_amount"],
    "quote_events": ["offered_amount"],
    "opportunities": ["amount"],
}
# Shares of traffic that robots and staff make are what these marts count.
ABOUT_ROBOTS_AND_STAFF = {"kpi_traffic"}


def examples(count: int) -> settings:
    # the same companies every time: a failure in CI is a failure at home
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def workbench(compiled_project: CompiledProject) -> Workbench:
    return Workbench(compiled_project, ENTITIES)


def kpi_tables(marts: duckdb.DuckDBPyConnection) -> list[str]:
    rows = marts.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' and table_name like 'kpi_%' order by 1"
    ).fetchall()
    return [name for (name,) in rows]


def content(marts: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    return marts.execute(f"from {table} order by all").fetchall()


@examples(5)
@given(company=companies())
def test_every_dbt_test_passes(compiled_project: CompiledProject, workbench: Workbench, company: Company) -> None:
    marts = workbench.run(company)
    failing = {}
    for name, sql in compiled_project.tests.items():
        if any(mart in name for mart in MARTS) or not name.startswith(("unique_", "not_null_", "accepted_values_")):
            rows = marts.execute(sql).fetchmany(2)
            if rows:
                failing[name] = rows
    assert failing == {}


@examples(2)
@given(company=companies())
def test_robots_testers_and_repeats_change_no_kpi(workbench: Workbench, company: Company) -> None:
    assume(company["orders"] or company["web_events"])
    marts = workbench.run(company)
    before = {table: content(marts, table) for table in kpi_tables(marts) if table not in ABOUT_ROBOTS_AND_STAFF}
    # at a moment that the company already has, so that as_of stays where it is
    moment = [*(row["ordered_at"] for row in company["orders"]), *(row["occurred_at"] for row in company["web_events"])]
    robot = {"event_id": "ROBOT", "visitor_id": "VR", "occurred_at": moment[0], "event_name": "page_view"}
    tester = {"order_id": "TEST", "account_id": "TEST", "ordered_at": moment[0], "order_channel": "phone"}
    more = {
        **company,
        "web_events": [*company["web_events"] * 2, robot | {"user_agent": "Googlebot/2.1"}],
        "orders": [*company["orders"] * 2, tester],
        "order_lines": [
            *company["order_lines"] * 2,
            {"order_line_id": "T", "order_id": "TEST", "product_id": "P1", "quantity": "5", "unit_price": "99"},
        ],
        "payments": company["payments"] * 2,
        "returns": company["returns"] * 2,
    }
    marts = workbench.run(more)
    changed = [table for table, rows in before.items() if content(marts, table) != rows]
    assert changed == []


def doubled(company: Company) -> Company:
    def twice(row: dict[str, Any], columns: list[str]) -> dict[str, Any]:
        return row | {column: str(2 * Decimal(row[column])) for column in columns if row.get(column) is not None}

    return {entity: [twice(row, AMOUNTS.get(entity, [])) for row in rows] for entity, rows in company.items()}


@examples(2)
@given(company=companies())
def test_doubling_all_amounts_doubles_money_and_no_rate(workbench: Workbench, company: Company) -> None:
    def board(marts: duckdb.DuckDBPyConnection, money: str) -> list[tuple]:
        return marts.execute(
            f"select month_start, segment, metric, case when unit = 'currency' then {money} else value end"
            " from kpi_board_segments order by all"
        ).fetchall()

    once = board(workbench.run(company), "2 * value")
    twice = board(workbench.run(doubled(company)), "value")
    assert [row[:3] for row in once] == [row[:3] for row in twice]
    # rounding to four decimals is all that may differ
    expected = [None if row[3] is None else pytest.approx(row[3], abs=1e-3, rel=1e-3) for row in once]
    assert [row[3] for row in twice] == expected


@pytest.fixture(scope="module")
def workbench_in_auckland(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    folder = tmp_path_factory.mktemp("auckland")
    return Workbench(compile_project(folder, reporting_timezone="Pacific/Auckland"), ENTITIES)


@examples(2)
@given(company=companies())
def test_another_time_zone_moves_days_and_no_total(
    workbench: Workbench, workbench_in_auckland: Workbench, company: Company
) -> None:
    # amounts in foreign currency take the rate of another day
    for entity in ("orders", "invoices", "payments", "quotes"):
        company = {**company, entity: [row | {"currency_code": "PLN"} for row in company[entity]]}

    def totals(marts: duckdb.DuckDBPyConnection) -> list[tuple]:
        return marts.execute(
            """
            select count(*), sum(net_amount), null from fct_orders
            union all
            select count(*), sum(refund_amount), null from fct_returns where reason is distinct from 'cancelled'
            union all select count(*), sum(events), sum(duration_seconds) from fct_sessions
            union all select count(*), sum(rounds), null from fct_quotes
            union all select count(*), null, null from fct_opportunities
            """
        ).fetchall()

    assert totals(workbench.run(company)) == totals(workbench_in_auckland.run(company))
