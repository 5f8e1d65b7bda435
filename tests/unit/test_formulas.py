"""What is computed and what the card says of it change together, or the changelog says why not."""

import copy
from pathlib import Path

import pytest
from promises import said_of
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest
from warehouse.semantics.formulas import (
    FORMULAS,
    formulas_text,
    require_card_and_definition_together,
)

SILENT = "# Changes\n\n## Unreleased\n\n## 0.1.0\n\n- `aov`: first\n"


def card(name: str, formula: str) -> dict[str, object]:
    meta = {"area": "orders", "reading": "Read it.", "formula": formula}
    return {"name": name, "label": name, "description": "It is so.", "config": {"meta": meta}, "filter": None}


def project() -> Manifest:
    """Average order value, of two metrics with cards; `orders` counts a measure of another name without card."""
    return {
        "semantic_models": {
            "facts": {
                "measures": [
                    {"name": "order_rows", "agg": "sum_boolean", "expr": "is_valid", "agg_params": None},
                    {"name": "sales", "agg": "sum", "expr": "net_amount", "agg_params": {"percentile": None}},
                ]
            }
        },
        "metrics": {
            "a": {
                **card("orders", "Valid orders."),
                "type": "simple",
                "type_params": {"measure": {"name": "order_rows", "filter": None}, "expr": "is_valid"},
            },
            "b": {
                **card("sales", "Net value of valid orders."),
                "type": "simple",
                "type_params": {"measure": {"name": "sales"}, "expr": "net_amount"},
            },
            "c": {
                **card("aov", "Sales / orders."),
                "type": "ratio",
                "type_params": {"numerator": {"name": "sales"}, "denominator": {"name": "orders"}},
            },
        },
    }


def problems_of(changed: Manifest, tmp_path: Path, changelog: str = SILENT) -> list[str]:
    """What is said of a project that was last seen as `project` says, one line a metric."""
    said = said_of(changed, require_card_and_definition_together, formulas_text(project()), changelog, tmp_path)
    return [line.strip() for line in said.splitlines()[1:-1]]


def test_nothing_changed_is_no_problem(tmp_path: Path) -> None:
    assert problems_of(project(), tmp_path) == []


def test_a_measure_alone_names_the_metric_made_of_it_and_no_other(tmp_path: Path) -> None:
    changed = project()
    changed["semantic_models"]["facts"]["measures"][1]["expr"] = "gross_amount"
    assert problems_of(changed, tmp_path) == ["sales: what is computed changed, the formula on its card did not."]


def test_parameters_alone_name_their_metric(tmp_path: Path) -> None:
    changed = project()
    changed["metrics"]["c"]["type_params"]["denominator"] = {"name": "orders", "filter": {"where_filters": ["web"]}}
    changed["metrics"]["a"]["filter"] = {"where_filters": ["valid"]}
    assert problems_of(changed, tmp_path) == [
        "aov: what is computed changed, the formula on its card did not.",
        "orders: what is computed changed, the formula on its card did not.",
    ]


def test_a_card_alone_names_its_metric(tmp_path: Path) -> None:
    changed = project()
    changed["metrics"]["c"]["config"]["meta"]["formula"] = "Gross sales / orders."
    assert problems_of(changed, tmp_path) == ["aov: the formula on its card changed, what is computed did not."]


def test_both_together_are_no_problem(tmp_path: Path) -> None:
    changed = project()
    changed["semantic_models"]["facts"]["measures"][1]["expr"] = "gross_amount"
    changed["metrics"]["b"]["config"]["meta"]["formula"] = "Gross value of valid orders."
    assert problems_of(changed, tmp_path) == []


def test_the_changelog_may_declare_a_better_wording(tmp_path: Path) -> None:
    changed = project()
    changed["metrics"]["c"]["config"]["meta"]["formula"] = "Net sales divided by orders."
    declared = SILENT.replace("## Unreleased\n", "## Unreleased\n\n- `aov`: its card, worded better\n")
    assert problems_of(changed, tmp_path, declared) == []


def test_metrics_may_come_and_go(tmp_path: Path) -> None:
    changed = project()
    changed["metrics"]["d"] = {**copy.deepcopy(changed["metrics"]["c"]), "name": "order_value"}
    del changed["metrics"]["a"]
    assert problems_of(changed, tmp_path) == []


def test_the_file_is_up_to_date_and_nothing_parted(manifest: Manifest) -> None:
    require_card_and_definition_together(manifest)
    assert FORMULAS.read_text(encoding="utf-8") == formulas_text(manifest), "run `make docs`"


def test_a_measure_of_the_project_changed_alone_is_named(manifest: Manifest) -> None:
    changed = copy.deepcopy(manifest)
    (measure,) = (
        one
        for model in changed["semantic_models"].values()
        for one in model["measures"]
        if one["name"] == "nps_promoters"
    )
    measure["expr"] = measure["expr"].replace(">= 9", ">= 8")
    with pytest.raises(WarehouseError, match=r"\n  nps: what is computed changed, the formula on its card did not\.\n"):
        require_card_and_definition_together(changed)
