"""Writes docs/formulas.json, unless a metric and its card parted: python -m warehouse.semantics.formulas.

The file holds, for each metric with a card, what MetricFlow computes and what the card says of it, as they were when
somebody last saw that they say the same. A metric of which only one has changed since is refused, unless the section
"Unreleased" of docs/CHANGELOG.md names it as `metric`: a better wording, or another way to the same number.
"""

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.changelog import CHANGELOG, undeclared, write_if_kept
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, metrics_with_cards
from warehouse.project import PROJECT_ROOT
from warehouse.semantics.cards import english_card

FORMULAS = PROJECT_ROOT / "docs" / "formulas.json"

# What makes two measures or metrics the same number; the rest is how they are shown.
PARAMETERS = (
    "measure", "numerator", "denominator", "expr", "metrics", "window", "grain_to_date", "conversion_type_params",
    "cumulative_type_params",
)  # fmt: skip
MEASURE = ("agg", "expr", "agg_params", "non_additive_dimension", "agg_time_dimension")

Formulas = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Parted:
    """A metric whose definition changed without its card, or the other way round."""

    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}."


def formulas_of(manifest: Manifest) -> Formulas:
    """Definition and formula of every metric with a card, by name."""
    metrics = {metric["name"]: metric for metric in manifest["metrics"].values()}
    measures = {
        measure["name"]: measure for model in manifest["semantic_models"].values() for measure in model["measures"]
    }
    carded = metrics_with_cards(manifest)
    return {
        name: {
            "formula": english_card(metric)["formula"],
            "definition": _definition(metric, metrics, measures, carded.keys()),
        }
        for name, metric in sorted(carded.items())
    }


def parted(seen: Formulas, current: Formulas) -> Iterator[Parted]:
    """Metrics of which one side changed and the other did not."""
    for name in sorted(seen.keys() & current.keys()):
        changed = [side for side in ("definition", "formula") if seen[name][side] != current[name][side]]
        if changed == ["definition"]:
            yield Parted(name, "what is computed changed, the formula on its card did not")
        elif changed == ["formula"]:
            yield Parted(name, "the formula on its card changed, what is computed did not")


def formulas_text(manifest: Manifest) -> str:
    """The content of docs/formulas.json."""
    lines = [f"{json.dumps(name)}: {json.dumps(both)}" for name, both in formulas_of(manifest).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def require_card_and_definition_together(
    manifest: Manifest, formulas: Path = FORMULAS, changelog: Path = CHANGELOG
) -> None:
    """Compares the project with what was last seen to agree.

    Raises:
        WarehouseError: a metric changed on one side only, and the changelog does not name it.
    """
    seen = json.loads(formulas.read_text(encoding="utf-8")) if formulas.is_file() else {}
    found = undeclared(parted(seen, formulas_of(manifest)), changelog.read_text(encoding="utf-8"))
    if found:
        raise WarehouseError(
            "A metric and its card parted:\n  "
            + "\n  ".join(map(str, found))
            + "\nChange both; or, if both still say the same, name the metric as `metric` under Unreleased in"
            " docs/CHANGELOG.md."
        )


def _definition(
    metric: dict[str, Any], metrics: dict[str, Any], measures: dict[str, Any], carded: Container[str]
) -> dict[str, Any]:
    """What is computed: the metric's own parameters, and those of its parts that have no card of their own."""
    parameters = _filled({key: metric["type_params"].get(key) for key in PARAMETERS})
    if metric["type"] == "simple":
        # dbt repeats the measure's expression in the metric
        parameters.pop("expr", None)
    found = _filled({"type": metric["type"], **parameters, "filter": metric.get("filter")})
    parts: dict[str, Any] = {}
    for name in sorted(_names(parameters)):
        if name in carded and name != metric["name"]:
            continue
        if name in measures:
            parts[name] = _filled({key: measures[name].get(key) for key in MEASURE})
        elif name in metrics:
            parts[name] = _definition(metrics[name], metrics, measures, carded)
    return {**found, "parts": parts} if parts else found


def _filled(value: Any) -> Any:
    """Without what is empty, all the way down."""
    if isinstance(value, dict):
        filled = {key: _filled(one) for key, one in value.items()}
        return {key: one for key, one in filled.items() if one not in (None, False, [], {})}
    return [_filled(one) for one in value] if isinstance(value, list) else value


def _names(parameters: Any) -> set[str]:
    """Measures and metrics that parameters name."""
    if isinstance(parameters, list):
        return {name for one in parameters for name in _names(one)}
    if not isinstance(parameters, dict):
        return set()
    own = {parameters["name"]} if isinstance(parameters.get("name"), str) else set()
    base = {parameters["base_measure"]} if isinstance(parameters.get("base_measure"), str) else set()
    return own | base | {name for one in parameters.values() for name in _names(one)}


def main() -> None:
    """Writes the file, or says which metrics parted from their cards."""
    write_if_kept(FORMULAS, require_card_and_definition_together, formulas_text)


if __name__ == "__main__":
    main()
