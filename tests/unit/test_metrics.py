"""Every metric is defined in full: what it means, how to read it, whose it is, and which mart states it."""

import re
from typing import Any

import pytest
import yaml
from warehouse.project import PROJECT_ROOT

MARTS = PROJECT_ROOT / "models" / "marts"
FILES = sorted(MARTS.glob("*/_*__metrics.yml"))
MODELS = {
    model["name"]: {**model, "semantic_models": content.get("semantic_models", [])}
    for path in sorted(MARTS.rglob("*.yml"))
    for content in [yaml.safe_load(path.read_text(encoding="utf-8"))]
    for model in content.get("models", [])
}
ALL = [
    (path.parent.name, metric)
    for path in FILES
    for metric in yaml.safe_load(path.read_text(encoding="utf-8"))["metrics"]
]
CARDED = {metric["name"]: (area, metric) for area, metric in ALL if "area" in metric["config"]["meta"]}
MEASURES = {
    measure["name"]: measure
    for model in MODELS.values()
    for semantic_model in model["semantic_models"]
    for measure in semantic_model.get("measures", [])
}

TEXTS = ("question", "formula", "reading", "clock")
CHOICES = {
    "unit": {
        "count", "currency", "rate", "days", "hours", "seconds", "months", "score", "index", "ratio",
        "currency_per_day",
    },
    "direction": {"up", "down", "none"},
    "additivity": {"additive", "semi_additive", "non_additive"},
    "owner": {
        "head_of_sales", "catalog_manager", "marketing", "finance", "operations", "service", "web", "strategist",
    },
}  # fmt: skip
# an entry of the KPI dictionary: a convention (C4), a definition (A2) or the quality metrics (K)
SOURCE = re.compile(r"[A-J]\d{1,2}|C\d{1,2}|K")


def test_every_area_has_its_metrics() -> None:
    areas = {path.name for path in MARTS.iterdir() if path.is_dir()} - {"core", "quality"}
    assert {area for area, _ in CARDED.values()} == areas
    for path in FILES:
        assert path.stem == f"_{path.parent.name}__metrics"


def test_names_and_labels_tell_metrics_apart() -> None:
    names = [metric["name"] for _, metric in ALL]
    labels = [metric["label"] for _, metric in CARDED.values()]
    assert len(set(names)) == len(names)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", sorted(CARDED))
def test_a_metric_is_defined_in_full(name: str) -> None:
    area, metric = CARDED[name]
    meta = metric["config"]["meta"]
    assert meta["area"] == area
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    for text in (metric["label"], metric["description"], *(meta[key] for key in TEXTS)):
        assert isinstance(text, str)
        assert text.strip()
    assert metric["description"].endswith(".")
    assert meta["question"].endswith("?")
    assert meta["formula"].endswith(".")
    assert meta["reading"].endswith(".")
    for key, choices in CHOICES.items():
        assert meta[key] in choices, f"{key} {meta[key]}"
    assert SOURCE.fullmatch(meta["source"])
    assert set(meta["variants"]) <= set(CARDED) - {name}


@pytest.mark.parametrize("name", sorted(CARDED))
def test_a_mart_states_it(name: str) -> None:
    meta = CARDED[name][1]["config"]["meta"]
    mart = meta["mart"]
    if mart is None:
        assert len(meta["mart_missing_because"]) > 20
        return
    assert set(mart) <= {"model", "value", "month", "months", "where", "dimension"}
    assert mart.get("months", "stated") == "stated"
    columns = {column["name"] for column in MODELS[mart["model"]]["columns"]}
    dimension = mart.get("dimension", {})
    assert set(dimension) <= {"semantic", "column", "total", "missing", "value", "only"}
    stated = " ".join([mart["value"], mart["month"], mart.get("where", ""), dimension.get("value", "")])
    named = set(re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"'[^']*'", "", stated)))
    named |= {*_listed(dimension.get("column", []))}
    assert named & columns
    assert {*_listed(dimension.get("column", []))} <= columns
    unknown = named - columns - SQL_WORDS
    assert not unknown, f"no column of {mart['model']}: {unknown}"


SQL_WORDS = {
    "sum", "max", "count", "avg", "median", "filter", "where", "nullif", "greatest", "cast", "as", "double", "and",
    "or", "not", "is", "null", "in", "date_trunc",
}  # fmt: skip


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_what_has_no_card_is_part_of_what_has_one() -> None:
    parts = {metric["name"] for _, metric in ALL} - set(CARDED)
    parts |= {name for name, measure in MEASURES.items() if measure.get("create_metric")}
    used = {name for _, metric in ALL for name in _inputs(metric)}
    assert not parts - used, f"of no use: {parts - used}"


def test_every_measure_is_used() -> None:
    used = {name for _, metric in ALL for name in _inputs(metric)}
    assert not set(MEASURES) - used, f"of no use: {set(MEASURES) - used}"


def _name(measure: str | dict[str, Any] | None) -> str | None:
    """A measure may be named alone, or with a filter."""
    return measure["name"] if isinstance(measure, dict) else measure


def _inputs(metric: dict[str, Any]) -> set[str]:
    """Measures and metrics that a metric is made of."""
    parameters = metric["type_params"]
    found = {parameters.get("measure"), parameters.get("numerator"), parameters.get("denominator")}
    found |= {one["name"] for one in parameters.get("metrics", [])}
    conversion = parameters.get("conversion_type_params", {})
    found |= {_name(conversion.get(side)) for side in ("base_measure", "conversion_measure")}
    return found - {None}


def test_the_headline_metrics_have_the_names_of_the_board() -> None:
    (column,) = (one for one in MODELS["kpi_board"]["columns"] if one["name"] == "metric")
    (accepted,) = (test["accepted_values"] for test in column["data_tests"] if "accepted_values" in test)
    assert set(accepted["arguments"]["values"]) <= {name for name, (area, _) in CARDED.items() if area == "overview"}


def test_every_mart_that_answers_a_question_has_a_metric() -> None:
    asked = {
        mart.partition("@")[0]
        for area in yaml.safe_load((PROJECT_ROOT / "docs" / "coverage.yml").read_text(encoding="utf-8")).values()
        for marts in area["items"].values()
        for mart in marts
    }
    stating = {(metric["config"]["meta"]["mart"] or {}).get("model") for _, metric in CARDED.values()}
    measured = {name for name, model in MODELS.items() if model["semantic_models"]}
    without = asked - stating - measured
    assert without == set(WITHOUT_METRIC)


# What these marts show are metrics that have their own names, by a dimension or as a list.
WITHOUT_METRIC = {
    "kpi_account_profile": "revenue, units, won deals, credit use, overdue ratio, NPS and others by account",
    "kpi_buying_group_summary": "contacts per deal by size of company and outcome",
    "kpi_inventory_items": "stock by item: a list of what to look at",
    "kpi_keyword": "bounce rate and conversion by keyword",
    "kpi_landing_page": "bounce rate and conversion by landing page",
    "kpi_open_invoices": "receivables by invoice: a list of what to look at",
    "kpi_segment_benchmark": "conversion, time on site and bounce rate of a year by segment",
}
