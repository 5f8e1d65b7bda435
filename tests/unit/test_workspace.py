"""Workspaces: wrong settings are told by name, with the nearest right one."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from warehouse import workspace as module
from warehouse.errors import WarehouseError
from warehouse.project import PROJECT_ROOT, dbt_variables
from warehouse.workspace import open_workspace, workspace_names

GOOD: dict[str, Any] = {
    "systems": {"commerce": ["flat_file"]},
    "base_currency": "EUR",
    "reporting_timezone": "Europe/Berlin",
}


@pytest.fixture
def workspaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path)
    folder = tmp_path / "workspaces"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", workspace_names())
def test_committed_workspaces_are_valid(name: str) -> None:
    assert open_workspace(name).name == name


def test_plain_dbt_build_and_the_demo_workspace_agree() -> None:
    demo, defaults = open_workspace("demo"), dbt_variables()
    passed = demo.dbt_variables()
    assert {key: passed[key] for key in ("systems", "base_currency", "reporting_timezone", "as_of")} == {
        key: defaults[key] for key in ("systems", "base_currency", "reporting_timezone", "as_of")
    }
    assert Path(passed["raw_root"]) == PROJECT_ROOT / defaults["raw_root"]
    enabled = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    for system in demo.enabled_systems:
        staging = enabled["models"]["b2b_commerce_warehouse"]["staging"][system]
        assert f"['{system}']" in staging["+enabled"], f"{system} is off by default in dbt_project.yml"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"systems": {"commerce": ["flat_fil"]}}, "there is no system 'flat_fil'; did you mean 'flat_file'?"),
        ({"systems": {"comerce": []}}, "there is no domain 'comerce'; did you mean 'commerce'?"),
        ({"reporting_timezone": "Europe/Berlim"}, "did you mean 'Europe/Berlin'?"),
        ({"base_currency": "euro"}, "base_currency"),
        ({"variables": {"churn_days": 3}}, "there is no variable 'churn_days'; did you mean 'churn_min_days'?"),
        ({"time_zone": "UTC"}, "time_zone"),
        ({"as_of": "soon"}, "as_of"),
    ],
)
def test_a_wrong_setting_is_told(workspaces: Path, change: dict[str, Any], message: str) -> None:
    (workspaces / "mine.yml").write_text(yaml.safe_dump({**GOOD, **change}), encoding="utf-8")
    with pytest.raises(WarehouseError) as error:
        open_workspace("mine")
    assert "workspaces/mine.yml" in str(error.value)
    assert message in str(error.value)


def test_an_unknown_workspace_lists_the_known_ones(workspaces: Path) -> None:
    (workspaces / "mine.yml").write_text(yaml.safe_dump(GOOD), encoding="utf-8")
    with pytest.raises(WarehouseError, match="Workspaces: mine"):
        open_workspace("yours")


def test_a_workspace_name_is_no_path(workspaces: Path) -> None:
    (workspaces.parent / "outside.yml").write_text(yaml.safe_dump(GOOD), encoding="utf-8")
    with pytest.raises(WarehouseError, match="There is no workspace"):
        open_workspace("../outside")


def test_broken_yaml_is_told(workspaces: Path) -> None:
    (workspaces / "mine.yml").write_text("systems: [", encoding="utf-8")
    with pytest.raises(WarehouseError, match="not valid YAML"):
        open_workspace("mine")
