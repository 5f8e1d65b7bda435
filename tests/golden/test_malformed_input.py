"""Every malformed file ends in a clear message or in rejected rows, and never in a wrong number."""

import io
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from compiled import CompiledProject
from rich.console import Console
from warehouse.errors import WarehouseError
from warehouse.load.batches import Batch, land
from warehouse.load.files import choose_table
from warehouse.load.run import load_files
from warehouse.project import dbt_variables, raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

FOLDER = Path(__file__).parents[1] / "fixtures" / "malformed"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name not in ("expected.yml", ".gitattributes"))
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "expected.yml").read_text(encoding="utf-8"))
REFUSED = [name for name in FILES if "message" in EXPECTED.get(name, {})]
LOADED = [name for name in FILES if "loads" in EXPECTED.get(name, {})]

# S-9 is rejected for its date, and M-1 to M-3 are orders that only the files bring.
COMPANY = {
    "accounts": "account_id,account_name\nA1,Acme\nA2,Bolt\nA3,Cog\n",
    "orders": "order_id,account_id,ordered_at\nS-1,A1,2025-01-03 10:00:00\nS-2,A2,2025-01-05\nS-9,A1,2025-02-30\n",
    "order_lines": "order_line_id,order_id,product_id,quantity,unit_price\nL-S1,S-1,P1,1,50\nL-S2,S-2,P1,1,30\n"
                   "L-M1,M-1,P1,1,100\nL-M2,M-2,P1,1,200\nL-M3,M-3,P1,1,400\n",
    "exchange_rates": "rate_on,currency_code,rate_to_base\n2025-01-02,EUR,4.0\n",
}  # fmt: skip

TOTALS = {
    "agreed_volume": "select sum(committed_amount) from conformed.agreements",
    "budgets": "select sum(budget_amount) from conformed.campaigns",
    "invoiced": "select sum(amount) from marts.fct_invoices",
    "revenue": "select coalesce(sum(net_amount), 0) from marts.fct_order_lines where is_valid",
    "january_revenue": "select coalesce(sum(net_amount), 0) from marts.fct_order_lines"
                       " where is_valid and ordered_on between '2025-01-01' and '2025-01-31'",
    "customers": "select count(distinct account_id) from marts.fct_order_lines where is_valid",
    "orders_of_the_file": "select count(*) from conformed.orders where order_id not like '%:S-%'",
    "employees": "select sum(employee_count) from conformed.accounts",
    "usd_rates": "select sum(rate_to_base) from conformed.exchange_rates where currency_code = 'USD'",
    "list_prices": "select sum(unit_price) from conformed.catalog_prices",
    "payments": "select sum(amount) from conformed.payments",
    "quoted": "select sum(base_amount) from conformed.quotes",
    "quotas": "select sum(quota_amount) from intermediate.int_rep_quotas_monthly",
    "refunds": "select sum(refund_amount) from conformed.returns",
    "mean_position": "select avg(position) from conformed.search_performance",
    "units_shipped": "select sum(quantity) from conformed.shipments",
    "visitors": "select count(distinct visitor_id) from conformed.web_events",
}  # fmt: skip


def company_in(folder: Path) -> Workspace:
    systems = {domain: ["flat_file"] for domain in dbt_variables()["domains"]}
    settings = WorkspaceSettings(systems=systems, base_currency="PLN", reporting_timezone="Europe/Warsaw")
    return Workspace("malformed", settings, folder)


def load(workspace: Workspace, file: Path) -> Batch:
    return land(workspace, choose_table("flat_file", file, table_of(file.name)), file, {})


def table_of(name: str) -> str:
    return name.split("__")[0]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("company")
    workspace = company_in(folder)
    for table, content in COMPANY.items():
        file = folder / f"{table}.csv"
        file.write_text(content, encoding="utf-8")
        land(workspace, raw_tables("flat_file")[table], file, {})
    return workspace


@pytest.fixture
def workspace(company: Workspace, tmp_path: Path) -> Workspace:
    """The company, for one file to be loaded beside it."""
    shutil.copytree(company.raw_lake, tmp_path / "raw")
    return company_in(tmp_path)


def test_every_file_has_its_outcome() -> None:
    assert len(FILES) >= 40
    assert set(EXPECTED) == set(FILES)
    assert sorted(REFUSED + LOADED) == FILES
    assert all(entry["why"] for entry in EXPECTED.values())


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused(workspace: Workspace, name: str) -> None:
    before = sorted(workspace.raw_lake.rglob("*"))
    with pytest.raises(WarehouseError) as error:
        load(workspace, FOLDER / name)
    message = str(error.value)
    assert message.startswith(name)
    assert EXPECTED[name]["message"] in message
    assert len(message) < 600
    assert [path for path in sorted(workspace.raw_lake.rglob("*")) if path not in before and path.is_file()] == []


@pytest.mark.parametrize("name", LOADED)
def test_rows_are_accepted_or_rejected(compiled_project: CompiledProject, workspace: Workspace, name: str) -> None:
    expected = EXPECTED[name]
    landing = load(workspace, FOLDER / name)
    assert landing.rows == expected["loads"]
    assert expected.get("says", "") in " ".join(landing.facts)

    screened = f"conformed.screened_{table_of(name)}"
    read = {
        f"conformed.{table_of(name)}",
        *re.findall(r"(?:marts|intermediate)[.]\w+", str([TOTALS[t] for t in expected["totals"]])),
    }
    project = compiled_project.upstream_of(screened, *read)
    connection = project.run(raw_lake=workspace.raw_lake)
    rows = outcomes(connection, screened, landing)
    rejected: dict[str, list[int]] = {}
    for outcome, rejection, number in rows:
        if outcome == "rejected":
            rejected.setdefault(rejection.split(": ")[0], []).append(number)
            assert expected.get("detail", "") in rejection
    counts = {outcome: sum(row[0] == outcome for row in rows) for outcome in ("accepted", "merged")}
    assert rejected == expected.get("rejected", {})
    assert counts == {"accepted": expected["accepted"], "merged": expected.get("merged", 0)}
    assert len(rows) == landing.rows
    for total, value in expected["totals"].items():
        assert float(connection.execute(TOTALS[total]).fetchone()[0]) == pytest.approx(value, abs=1e-9), total


def test_the_whole_folder_goes_through_a_load(tmp_path: Path) -> None:
    output = Console(file=io.StringIO(), width=200)
    found = {o.name: o for o in load_files(output, company_in(tmp_path), "flat_file", [str(FOLDER)], None, {}, False)}
    assert sorted(found) == FILES
    for name in FILES:
        assert EXPECTED[name].get("message", "") in found[name].refusal, name
        assert EXPECTED[name].get("loads") == (found[name].batch.rows if found[name].batch else None), name
    landed = {path.stem for path in tmp_path.rglob("*.parquet")}
    assert landed == {outcome.batch.path.stem for outcome in found.values() if outcome.batch}


def outcomes(connection: duckdb.DuckDBPyConnection, screened: str, landing: Batch) -> list[tuple]:
    return connection.execute(
        f"select row_outcome, rejection, row_number from {screened} where batch_id = ? order by row_number",
        [landing.path.stem],
    ).fetchall()
