"""Each metric, asked through MetricFlow, equals the KPI mart that states it: by month and by a dimension, to the cent.

The mart is named in the metric's own YAML (`meta.mart`). A metric that only one side was changed of is found here, by
name.
"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from command_line import CommandLine
from metric_reconciliation import Difference, differences, groupings, mart_sql
from warehouse.manifest import metrics_with_cards
from warehouse.project import PROJECT_ROOT
from warehouse.semantics.engine import Semantics

METRICS = sorted(
    metric["name"]
    for path in (PROJECT_ROOT / "models" / "marts").glob("*/_*__metrics.yml")
    for metric in yaml.safe_load(path.read_text(encoding="utf-8"))["metrics"]
    if metric["config"]["meta"].get("mart")
)


class Built:
    """The semantic layer and the publication of one build."""

    def __init__(self, warehouse: CommandLine) -> None:
        target: Path = warehouse.data / warehouse.workspace / "dbt"
        self.metrics = metrics_with_cards(json.loads((target / "manifest.json").read_text(encoding="utf-8")))
        self.semantic_manifest = json.loads((target / "semantic_manifest.json").read_text(encoding="utf-8"))
        self.semantics = Semantics(self.semantic_manifest)
        self.publication = warehouse.publication

    def differences(self, name: str, semantics: Semantics | None = None, plant: str = "") -> list[Difference]:
        """Where a metric and its mart differ.

        Args:
            name: the metric.
            semantics: another semantic layer than that of the build.
            plant: a statement that makes another table of a mart, in a database that is looked in first.
        """
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.publication}' as publication (read_only)")
            connection.execute("set search_path = 'memory.main,publication.main'")
            if plant:
                connection.execute(plant)
            return differences(self.metrics[name], semantics or self.semantics, connection)


@pytest.fixture(scope="module")
def built_demo(demo: CommandLine) -> Built:
    return Built(demo)


@pytest.fixture(scope="module")
def built_online_retail(online_retail: CommandLine) -> Built:
    return Built(online_retail)


@pytest.mark.parametrize("name", METRICS)
def test_demo(built_demo: Built, name: str) -> None:
    found = built_demo.differences(name)
    assert not found, _shown(found)


@pytest.mark.parametrize("name", METRICS)
def test_online_retail(built_online_retail: Built, name: str) -> None:
    found = built_online_retail.differences(name)
    assert not found, _shown(found)


@pytest.mark.parametrize("name", METRICS)
def test_there_is_something_to_compare(built_demo: Built, name: str) -> None:
    mart = built_demo.metrics[name]["config"]["meta"]["mart"]
    with duckdb.connect(str(built_demo.publication), read_only=True) as connection:
        stated = connection.execute(mart_sql(mart, groupings(mart)[-1])).fetchall()
    assert any(row[-1] for row in stated), f"the demo says nothing of {name}"


def _filtered_otherwise(manifest: dict[str, Any]) -> None:
    (metric,) = (one for one in manifest["metrics"] if one["name"] == "revenue_share_by_country")
    for condition in metric["filter"]["where_filters"]:
        condition["where_sql_template"] = condition["where_sql_template"].replace("country", "industry")


def _measured_otherwise(measure: str, expression: str) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        (found,) = (one for model in manifest["semantic_models"] for one in model["measures"] if one["name"] == measure)
        found["expr"] = expression

    return change


def _derived_otherwise(manifest: dict[str, Any]) -> None:
    (metric,) = (one for one in manifest["metrics"] if one["name"] == "nps")
    metric["type_params"]["expr"] = metric["type_params"]["expr"].replace("100 *", "99 *")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("orders", _measured_otherwise("orders", "true")),
        ("revenue", _measured_otherwise("line_sales_amount", "case when is_valid then gross_amount end")),
        ("stock_amount", _measured_otherwise("stock_amount", "quantity")),
        ("nps", _derived_otherwise),
        ("revenue_share_by_country", _filtered_otherwise),
    ],
)
def test_a_changed_definition_is_noticed(
    built_demo: Built, name: str, change: Callable[[dict[str, Any]], None]
) -> None:
    manifest = copy.deepcopy(built_demo.semantic_manifest)
    change(manifest)
    found = built_demo.differences(name, semantics=Semantics(manifest))
    assert found
    assert {difference.metric for difference in found} == {name}


@pytest.mark.parametrize(
    ("name", "plant"),
    [
        (
            "aov",
            "create table kpi_board_segments as select * replace (value * 1.000001 as value)"
            " from publication.kpi_board_segments",
        ),
        (
            "gross_margin",
            "create table kpi_margin as select * replace (margin_amount + 0.01 as margin_amount)"
            " from publication.kpi_margin where month_start = '2026-03-01' and company_size = 'large'"
            " union all from publication.kpi_margin where not (month_start = '2026-03-01' and company_size = 'large')",
        ),
        ("orders", "create table kpi_board_segments as from publication.kpi_board_segments where segment <> 'small'"),
        (
            "returns_amount",
            "create table kpi_returns as from publication.kpi_returns where month_start <> '2026-03-01'",
        ),
        (
            "inquiries",
            "create table kpi_service as select * replace (inquiries + 1 as inquiries) from publication.kpi_service",
        ),
    ],
)
def test_a_changed_mart_is_noticed(built_demo: Built, name: str, plant: str) -> None:
    assert built_demo.differences(name, plant=plant)


def test_every_metric_is_in_the_catalog_with_sql_that_runs(demo: CommandLine, built_demo: Built) -> None:
    catalog = demo.rows("select metric, area, unit, metric_type, sql, cards from metric_catalog order by metric")
    assert [row["metric"] for row in catalog] == sorted(built_demo.metrics)
    with duckdb.connect(str(demo.publication), read_only=True) as connection:
        for row in catalog:
            result = connection.execute(row["sql"])
            assert [column[0] for column in result.description] == ["metric_time__month", row["metric"]]


def test_metricflow_finds_nothing_wrong(demo: CommandLine) -> None:
    output = demo.succeed("mf", "validate-configs")
    assert "ERRORS: 0" in output
    assert not [line for line in output.replace("ERRORS: 0", "").splitlines() if "ERRORS: " in line]


def test_a_build_is_asked_first(tmp_path: Path) -> None:
    process = CommandLine(tmp_path, "example").run("mf", "list", "metrics")
    assert process.returncode == 1
    assert "Nothing has been built yet" in process.stderr


def _shown(found: list[Difference]) -> str:
    return "\n".join(map(str, found[:10])) + (f"\nand {len(found) - 10} more" if len(found) > 10 else "")
