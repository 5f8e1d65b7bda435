"""What a user sees: help, formats, and errors that are one message with a way out."""

import csv
import io
import json
from pathlib import Path

import pytest
from command_line import CommandLine


def test_help_tells_a_newcomer_what_to_do(demo: CommandLine) -> None:
    for command in ("load", "build", "check", "publish", "rollback", "status", "info", "sql", "metric", "dbt"):
        assert demo.run(command, "--help").returncode == 0


def test_build_ends_with_where_how_much_and_what_next(demo: CommandLine) -> None:
    output = (demo.data / "build.txt").read_text(encoding="utf-8")
    assert f"Published: {demo.publication}" in output
    assert "kpi_account_profile" in output and "kpi_cohort_retention" in output
    assert "Rejected rows:" in output and "1 missing_exchange_rate" in output
    # the query it offers works
    query = output.split('warehouse sql "')[1].split('"')[0]
    assert len(demo.rows(query)) == 9


def test_formats(demo: CommandLine) -> None:
    query = "select metric, value, trend from kpi_board where metric = 'orders' order by month_start limit 2"
    as_json = json.loads(demo.succeed("sql", query, "--format", "json"))
    as_csv = list(csv.DictReader(io.StringIO(demo.succeed("sql", query, "--format", "csv"))))
    assert [row["metric"] for row in as_json] == [row["metric"] for row in as_csv] == ["orders", "orders"]
    assert float(as_csv[0]["value"]) == as_json[0]["value"]
    assert "orders" in demo.succeed("sql", query)


def test_json_holds_numbers_only(demo: CommandLine) -> None:
    assert demo.rows("select 1.50::decimal(9, 2) as price, 'inf'::double as share") == [{"price": 1.5, "share": None}]


def test_a_table_too_wide_for_the_terminal_becomes_a_list(demo: CommandLine) -> None:
    output = demo.run("sql", "select * from kpi_account_profile limit 1", columns="60").stdout
    assert max(map(len, output.splitlines())) <= 60
    assert "net_sales_12m_amount" in output


def test_info_as_json(demo: CommandLine) -> None:
    facts = json.loads(demo.succeed("info", "--json"))
    assert facts["as_of"] == "2026-09-18"
    assert facts["base_currency"] == "PLN"
    assert facts["paths"]["publication"] == str(demo.publication)
    assert facts["row_counts"]["dim_sales_rep"] == 12
    assert {row["reason"] for row in facts["rejected"]} == {
        "dangling_reference", "implausible_date", "impossible_value", "missing_exchange_rate", "repeated_key",
        "untypable_value",
    }  # fmt: skip


def test_any_dbt_command_runs_on_a_workspace(demo_to_work_on: CommandLine) -> None:
    output = demo_to_work_on.succeed("dbt", "--", "ls", "--resource-type", "model", "--select", "kpi_board", "--quiet")
    assert output.strip() == "b2b_commerce_warehouse.marts.overview.kpi_board"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sql", "select * from kpi_bord"], 'Did you mean "kpi_board"'),
        (["sql", "drop table kpi_board"], "read-only"),
        (["load", "flat_file", "nowhere/orders.csv"], "There is no file nowhere/orders.csv"),
        (["load", "sap", "README.md"], "There is no system named 'sap'"),
        (["load", "flat_file", "README.md", "--rename", "x"], "--rename takes OLD=NEW"),
        (["dbt"], "Say which dbt command to run"),
        (["sql", ""], "Give one query, not 0"),
        (["sql", "select 1; select 2"], "Give one query, not 2"),
        (["sql", "copy kpi_board to 'board.csv'"], "Permission Error"),
        (["sql", "select 1 as a, 2 as a", "--format", "json"], "Two columns have the same name"),
    ],
)
def test_errors(demo: CommandLine, arguments: list[str], message: str) -> None:
    failed = demo.run(*arguments)
    assert failed.returncode == 1
    assert message in failed.stderr
    assert failed.stderr.startswith("Error:")
    assert "Traceback" not in failed.stderr and "leaked" not in failed.stderr


def test_nothing_published_yet(tmp_path: Path) -> None:
    fresh = CommandLine(tmp_path, "example")
    failed = fresh.run("sql", "select 1")
    assert failed.returncode == 1 and "run `warehouse build --workspace example`" in failed.stderr
    assert "nothing published yet" in fresh.succeed("info")
    assert "run `warehouse build` first" in fresh.run("check").stderr


def test_an_unknown_workspace(demo: CommandLine) -> None:
    failed = CommandLine(demo.data, "acme").run("info")
    assert failed.returncode == 1
    assert "There is no workspace 'acme'" in failed.stderr
