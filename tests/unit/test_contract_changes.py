"""A column that others read cannot go, change its name or its type unnoticed."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from promises import said_of
from warehouse.contract_changes import (
    CONTRACTS,
    contracts_of,
    contracts_text,
    require_no_breaking_change,
)
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest

SILENT = "# Changes\n\n## Unreleased\n\n- `kpi_other.value`: old → new\n\n## 0.1.0\n\n- `kpi_board.value`: first\n"


def model(name: str, code: str, reads: list[str], contract: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": "model",
        "raw_code": code,
        "depends_on": {"nodes": [f"model.shop.{other}" for other in reads]},
        "config": {"contract": {"enforced": bool(contract)}},
        "columns": {column: {"data_type": data_type} for column, data_type in contract.items()},
    }


def metric(name: str, measure: str, mart: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "type_params": {"input_measures": [{"name": measure}]},
        "depends_on": {"nodes": ["semantic_model.shop.kpi_board"]},
        "config": {"meta": {"mart": mart}},
    }


def project() -> Manifest:
    """A mart with two readers, an exposure and two metrics, of which some read its column `value`."""
    board = {"month_start": "date", "value": "double"}
    return {
        "metadata": {"project_name": "shop"},
        "nodes": {
            "model.shop.kpi_board": model("kpi_board", "select 1", [], board),
            "model.shop.kpi_sum": model("kpi_sum", "select sum(value) from b", ["kpi_board"], {"total": "double"}),
            "model.shop.kpi_days": model("kpi_days", "select month_start from b", ["kpi_board"], {}),
            "model.shop.kpi_far": model("kpi_far", "select value from elsewhere", ["kpi_sum"], {}),
        },
        "exposures": {
            "exposure.shop.overview_board": {
                "name": "overview_board",
                "depends_on": {"nodes": ["model.shop.kpi_board"]},
            },
            "exposure.shop.sums": {"name": "sums", "depends_on": {"nodes": ["model.shop.kpi_sum"]}},
        },
        "semantic_models": {
            "semantic_model.shop.kpi_board": {
                "unique_id": "semantic_model.shop.kpi_board",
                "depends_on": {"nodes": ["model.shop.kpi_board"]},
                "measures": [{"name": "total_value", "expr": "value"}, {"name": "rows", "expr": "1"}],
                "dimensions": [{"name": "month_start", "expr": None}],
                "entities": [],
            }
        },
        "metrics": {
            "a": metric("total", "total_value"),
            "b": metric("rows", "rows"),
            "c": metric("stated", "rows", {"model": "kpi_board", "value": "max(value)"}),
        },
    }


def problems_of(changed: Manifest, tmp_path: Path, changelog: str = SILENT) -> str:
    """What is said of a project that was promised to be as `project` says; empty when nothing is wrong."""
    return said_of(changed, require_no_breaking_change, contracts_text(project()), changelog, tmp_path)


def columns_of(manifest: Manifest) -> dict[str, Any]:
    return manifest["nodes"]["model.shop.kpi_board"]["columns"]


def test_contracts_hold_every_column_of_contracted_models_alone() -> None:
    assert contracts_of(project()) == {
        "kpi_board": {"month_start": "date", "value": "double"},
        "kpi_sum": {"total": "double"},
    }


def test_a_new_column_or_model_breaks_nothing(tmp_path: Path) -> None:
    changed = project()
    columns_of(changed)["extra"] = {"data_type": "date"}
    changed["nodes"]["model.shop.kpi_new"] = model("kpi_new", "select 1", [], {"a": "date"})
    assert problems_of(changed, tmp_path) == ""


def test_the_same_type_written_otherwise_is_no_change(tmp_path: Path) -> None:
    changed = project()
    columns_of(changed)["value"]["data_type"] = "DOUBLE "
    assert problems_of(changed, tmp_path) == ""


def test_a_removed_column_is_named_with_its_readers(tmp_path: Path) -> None:
    changed = project()
    del columns_of(changed)["value"]
    assert (
        "  kpi_board.value is gone. Read by: kpi_sum, exposure overview_board, metric total, metric stated.\n"
        in problems_of(changed, tmp_path)
    )


def test_a_column_that_is_a_dimension_is_read_by_every_metric_of_the_model(tmp_path: Path) -> None:
    changed = project()
    del columns_of(changed)["month_start"]
    assert "kpi_days, exposure overview_board, metric total, metric rows, metric stated." in problems_of(
        changed, tmp_path
    )


def test_a_renamed_column_is_guessed(tmp_path: Path) -> None:
    changed = project()
    del columns_of(changed)["value"]
    columns_of(changed)["values"] = {"data_type": "double"}
    assert "kpi_board.value is gone; was it renamed to values?" in problems_of(changed, tmp_path)


def test_a_column_of_another_type_is_named(tmp_path: Path) -> None:
    changed = project()
    columns_of(changed)["value"]["data_type"] = "decimal(18, 4)"
    assert "kpi_board.value was double and is decimal(18,4)" in problems_of(changed, tmp_path)


@pytest.mark.parametrize("way", ["removed", "no contract"])
def test_a_model_that_is_gone_is_named_once(tmp_path: Path, way: str) -> None:
    changed = project()
    if way == "removed":
        del changed["nodes"]["model.shop.kpi_board"]
    else:
        changed["nodes"]["model.shop.kpi_board"]["config"]["contract"]["enforced"] = False
    problems = problems_of(changed, tmp_path)
    assert "  kpi_board is gone. Read by: kpi_sum, kpi_days, exposure overview_board, metric total" in problems
    assert "kpi_board." not in problems


def test_what_the_changelog_declares_is_accepted(tmp_path: Path) -> None:
    changed = project()
    del columns_of(changed)["value"]
    declared = SILENT.replace("kpi_other.value", "kpi_board.value")
    assert problems_of(changed, tmp_path, declared) == ""
    assert "kpi_board.value is gone" in problems_of(changed, tmp_path, declared.replace("value`: old", "values`: old"))


def test_no_contract_is_broken(manifest: Manifest) -> None:
    require_no_breaking_change(manifest)


def test_the_contracts_file_is_fresh(manifest: Manifest) -> None:
    assert CONTRACTS.read_text(encoding="utf-8") == contracts_text(manifest), "run `make docs`"


def test_a_column_of_the_board_that_goes_is_missed(manifest: Manifest, tmp_path: Path) -> None:
    contracts = tmp_path / "contracts.json"
    promised = copy.deepcopy(contracts_of(manifest))
    promised["kpi_board_segments"]["worth"] = "double"
    contracts.write_text(json.dumps(promised), encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"kpi_board_segments\.worth is gone\. Read by: exposure"):
        require_no_breaking_change(manifest, contracts)
