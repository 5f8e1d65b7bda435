"""What holds for any company, on companies that Hypothesis makes up.

The invariants themselves are dbt tests, which every build runs; here they meet data that nobody thought of. Beside
them stand relations between two companies: rows that must not matter, amounts doubled, another time zone.
"""

import re
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from companies import AREAS, FIXED, Area, Company
from compiled import CompiledProject, Workbench, compile_project
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from warehouse.project import PROJECT_ROOT, contract_columns

# Keys and references of conformed entities are what screening sees to; the marts are what is tested here.
MARTS = re.compile(r"kpi_|fct_|dim_|int_")
OF_COLUMNS = ("unique_", "not_null_", "accepted_values_")
# Shares of traffic that robots and staff make are what these marts count.
ABOUT_ROBOTS_AND_STAFF = {"kpi_traffic"}
# What a person does or is asked, and what follows from it.
OF_PEOPLE = {
    "orders", "order_lines", "shipments", "invoices", "payments", "returns", "web_events", "email_events", "quotes",
    "quote_events", "opportunities", "opportunity_stages", "leads", "inquiries", "survey_responses", "reviews",
}  # fmt: skip
# A p-value is none, and money a day is one.
AMOUNTS = re.compile(r"((amount|price|cost|(?<!p_)value|credit_limit)(_txn)?|velocity_per_day)$")


def examples(count: int) -> settings:
    # the same companies every time: a failure in CI is a failure at home
    # and as found, not the smallest: looking for that takes minutes, and the message names what differs
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
    )


def kpis_of(area: Area) -> list[str]:
    folders = [PROJECT_ROOT / "models" / "marts" / folder for folder in area.folders]
    return sorted(path.stem for folder in folders for path in folder.glob("kpi_*.sql"))


def workbench_of(project: CompiledProject, area: Area) -> tuple[Workbench, CompiledProject]:
    part = project.upstream_of(*(f"marts.{kpi}" for kpi in kpis_of(area)))
    return Workbench(part, area.entities, **FIXED), part


@pytest.fixture(scope="module", params=list(AREAS))
def area(request: pytest.FixtureRequest) -> Area:
    return AREAS[request.param]


@pytest.fixture(scope="module")
def bench(compiled_project: CompiledProject, area: Area) -> tuple[Workbench, CompiledProject]:
    return workbench_of(compiled_project, area)


def content(marts: duckdb.DuckDBPyConnection, kpi: str) -> list[tuple[Any, ...]]:
    return marts.execute(f"from {kpi} order by all").fetchall()


def test_every_dbt_test_passes(area: Area, bench: tuple[Workbench, CompiledProject]) -> None:
    workbench, project = bench
    tests = {name: sql for name, sql in project.tests.items() if MARTS.search(name) or not name.startswith(OF_COLUMNS)}

    @examples(50)
    @given(company=area.companies)
    def check(company: Company) -> None:
        marts = workbench.run(company)
        found = {name: marts.execute(sql).fetchmany(2) for name, sql in tests.items()}
        assert {name: rows for name, rows in found.items() if rows} == {}

    assert len(tests) > 100
    check()


def with_noise(company: Company) -> Company:
    """The same company, everything exported twice, with what testers, staff and robots did."""
    keys = {contract_columns(entity)[0]["name"] for entity in company}
    people = {"account_id": "TEST", "contact_id": "C5", "guest_key": None, "visitor_id": "VT"}

    def by_a_tester(row: dict[str, Any]) -> dict[str, Any]:
        ids = {key: f"TEST-{row[key]}" for key in keys if row.get(key) is not None}
        return row | ids | {column: value for column, value in people.items() if column in row}

    more = {entity: rows * 2 for entity, rows in company.items()}
    for entity in OF_PEOPLE & set(company):
        # at the moments of others, so that what happened on a day stays what it is
        more[entity] = more[entity] + [by_a_tester(row) for row in company[entity]]
    if "web_events" in company:
        robot = {"visitor_id": "VR", "user_agent": "Googlebot/2.1", "order_id": None}
        visits = [row | {"event_id": f"ROBOT-{row['event_id']}"} | robot for row in company["web_events"]]
        more["web_events"] = more["web_events"] + visits
    return more


def test_robots_testers_and_repeats_change_no_kpi(area: Area, bench: tuple[Workbench, CompiledProject]) -> None:
    workbench, _ = bench
    kpis = [kpi for kpi in kpis_of(area) if kpi not in ABOUT_ROBOTS_AND_STAFF]

    @examples(6)
    @given(company=area.companies)
    def check(company: Company) -> None:
        marts = workbench.run(company)
        before = {kpi: content(marts, kpi) for kpi in kpis}
        marts = workbench.run(with_noise(company))
        assert {kpi for kpi, rows in before.items() if content(marts, kpi) != rows} == set()

    check()


# What the board divides: of these metrics it is money.
MONEY_DIVIDED = {"numerator": {"revenue", "aov", "gross_margin_rate"}, "denominator": {"gross_margin_rate"}}


def is_money(name: str, row: dict[str, Any]) -> bool:
    """The board has its metrics in rows, and so have the measures it is made of."""
    if name in MONEY_DIVIDED:
        return row["metric"] in MONEY_DIVIDED[name]
    if "unit" in row:
        return row["unit"] == "currency"
    return bool(AMOUNTS.search(row.get("measure") or name))


def doubled(company: Company) -> Company:
    def twice(row: dict[str, Any]) -> dict[str, Any]:
        return {
            column: str(2 * Decimal(value)) if value is not None and AMOUNTS.search(column) else value
            for column, value in row.items()
        }

    return {entity: [twice(row) for row in rows] for entity, rows in company.items()}


def kpi_rows(marts: duckdb.DuckDBPyConnection, kpi: str, factor: int) -> list[dict[str, Any]]:
    """Rows with their money multiplied, in the order of what is no amount."""
    result = marts.execute(f"from {kpi}")
    names = [column[0] for column in result.description]
    rows = []
    for values in result.fetchall():
        row = dict(zip(names, values, strict=True))
        rows.append({
            name: value * factor if isinstance(value, (float, Decimal)) and is_money(name, row) else value
            for name, value in row.items()
        })  # fmt: skip
    return sorted(rows, key=lambda row: repr([v for v in row.values() if not isinstance(v, (float, Decimal))]))


def test_doubling_all_amounts_doubles_money_and_nothing_else(
    area: Area, bench: tuple[Workbench, CompiledProject]
) -> None:
    workbench, project = bench
    workbench_of_doubles = Workbench(project, area.entities, **doubled(FIXED))

    @examples(6)
    @given(company=area.companies)
    def check(company: Company) -> None:
        once, twice = workbench.run(company), workbench_of_doubles.run(doubled(company))
        different = []
        for kpi in kpis_of(area):
            pairs = zip(kpi_rows(once, kpi, 2), kpi_rows(twice, kpi, 1), strict=True)
            for expected, found in pairs:
                for name, value in expected.items():
                    # rounding to four decimals is all that may differ
                    is_number = isinstance(value, (float, Decimal)) and found[name] is not None
                    is_same = (
                        abs(float(value) - float(found[name])) <= 1e-3 + 1e-3 * abs(float(value))
                        if is_number
                        else value == found[name]
                    )
                    if not is_same and name != "reason":
                        different.append((kpi, name, value, found[name]))
        assert different == []

    check()


@pytest.fixture(scope="module")
def workbenches_in_two_zones(
    compiled_project: CompiledProject, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Workbench, Workbench]:
    elsewhere = compile_project(tmp_path_factory.mktemp("auckland"), reporting_timezone="Pacific/Auckland")
    everything = Area(("overview", "quotes", "web"), ENTITIES, st.nothing())
    return workbench_of(compiled_project, everything)[0], workbench_of(elsewhere, everything)[0]


ENTITIES = ("orders", "order_lines", "shipments", "returns", "web_events", "quotes", "quote_events", "opportunities")
FACTS = """
    select count(*), sum(net_amount), null from fct_orders
    union all select count(*), sum(refund_amount), null from fct_returns where reason is distinct from 'cancelled'
    union all select count(*), sum(events), sum(duration_seconds) from fct_sessions
    union all select count(*), sum(rounds), null from fct_quotes
    union all select count(*), null, null from fct_opportunities
"""


@examples(10)
@given(goods=AREAS["goods"].drawn, web=AREAS["web"].drawn, sales=AREAS["sales"].drawn)
def test_another_time_zone_moves_days_and_no_total(
    workbenches_in_two_zones: tuple[Workbench, Workbench], goods: Company, web: Company, sales: Company
) -> None:
    drawn = {**web, **sales, **goods}
    company = {entity: drawn[entity] for entity in ENTITIES}
    # amounts in foreign currency take the rate of another day
    for entity in ("orders", "quotes"):
        company[entity] = [row | {"currency_code": "PLN"} for row in company[entity]]
    at_home, elsewhere = (workbench.run(company).execute(FACTS).fetchall() for workbench in workbenches_in_two_zones)
    assert at_home == elsewhere
