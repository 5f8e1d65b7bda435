"""Writes docs/contracts.json, unless a change breaks what others read: python -m warehouse.contract_changes.

The file holds every column of every contracted model with its type, as others were last promised it. A new column is
no harm. One that is gone, renamed or of another type breaks its readers, and is accepted only when the section
"Unreleased" of docs/CHANGELOG.md names it as `model.column` (or, when the whole model is gone, as `model`).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from warehouse.changelog import CHANGELOG, undeclared, write_if_kept
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest
from warehouse.project import PROJECT_ROOT

CONTRACTS = PROJECT_ROOT / "docs" / "contracts.json"

Contracts = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Breaking:
    """A promised column that is no longer there, or no longer what it was; without column, a whole model.

    Attributes:
        model: name of the model.
        column: name of the column; empty for the whole model.
        what: what happened to it.
        readers: who reads it, as far as the project knows.
    """

    model: str
    column: str
    what: str
    readers: tuple[str, ...]

    @property
    def name(self) -> str:
        """As the changelog has to name it."""
        return f"{self.model}.{self.column}" if self.column else self.model

    def __str__(self) -> str:
        return f"{self.name} {self.what}. Read by: {', '.join(self.readers) or 'nobody in this project'}."


def contracts_of(manifest: Manifest) -> Contracts:
    """Types by column by model, of all models whose contract is enforced."""
    return {
        node["name"]: {name: _type(column) for name, column in sorted(node["columns"].items())}
        for node in sorted(manifest["nodes"].values(), key=lambda node: node["name"])
        if node["resource_type"] == "model" and node["config"]["contract"]["enforced"]
    }


def breaking_changes(promised: Contracts, manifest: Manifest) -> Iterator[Breaking]:
    """What is no longer as promised."""
    current = contracts_of(manifest)
    for model, columns in promised.items():
        if model not in current:
            what = _gone(model, [name for name in current if name not in promised])
            yield Breaking(model, "", what, tuple(_readers(model, "", manifest)))
            continue
        for column, data_type in columns.items():
            if column not in current[model]:
                what = _gone(column, [name for name in current[model] if name not in columns])
            elif current[model][column] != data_type:
                what = f"was {data_type} and is {current[model][column]}"
            else:
                continue
            yield Breaking(model, column, what, tuple(_readers(model, column, manifest)))


def contracts_text(manifest: Manifest) -> str:
    """The content of docs/contracts.json."""
    return json.dumps(contracts_of(manifest), indent=1) + "\n"


def require_no_breaking_change(manifest: Manifest, contracts: Path = CONTRACTS, changelog: Path = CHANGELOG) -> None:
    """Compares the project with what was promised.

    Raises:
        WarehouseError: a column broke without the changelog saying so; the message names it and its readers.
    """
    promised = json.loads(contracts.read_text(encoding="utf-8")) if contracts.is_file() else {}
    broken = undeclared(breaking_changes(promised, manifest), changelog.read_text(encoding="utf-8"))
    if broken:
        raise WarehouseError(
            "A contract is broken:\n  "
            + "\n  ".join(map(str, broken))
            + "\nTake the change back, or name each as `model.column` under Unreleased in docs/CHANGELOG.md: old → new."
        )


def _type(column: dict[str, Any]) -> str:
    return re.sub(r"\s", "", column["data_type"].lower())


def _gone(name: str, added: list[str]) -> str:
    near = get_close_matches(name, added, n=1)
    return f"is gone; was it renamed to {near[0]}?" if near else "is gone"


def _readers(model: str, column: str, manifest: Manifest) -> Iterator[str]:
    """Models and metrics that name the column, and the exposures of its model; all readers of a model that is gone."""
    mentions = re.compile(rf"\b{column}\b" if column else "")
    unique_id = f"model.{manifest['metadata']['project_name']}.{model}"
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and _reads(node, unique_id, model) and mentions.search(node["raw_code"]):
            yield node["name"]
    for exposure in manifest["exposures"].values():
        if _reads(exposure, unique_id, model):
            yield f"exposure {exposure['name']}"
    measures, whole = _semantic_elements(unique_id, model, mentions, manifest)
    for metric in manifest["metrics"].values():
        mart = metric["config"]["meta"].get("mart") or {}
        stated = mart.get("model") == model and mentions.search(json.dumps(mart))
        used = {measure["name"] for measure in metric["type_params"]["input_measures"]}
        if stated or used & measures or whole & set(metric["depends_on"]["nodes"]):
            yield f"metric {metric['name']}"


def _semantic_elements(
    unique_id: str, model: str, mentions: re.Pattern[str], manifest: Manifest
) -> tuple[set[str], set[str]]:
    """Measures made of the column, and semantic models of which it is a dimension or key."""
    measures: set[str] = set()
    whole: set[str] = set()
    for semantic_model in manifest["semantic_models"].values():
        if _reads(semantic_model, unique_id, model):
            measures |= {m["name"] for m in semantic_model["measures"] if mentions.search(m["expr"] or m["name"])}
            others = [*semantic_model["dimensions"], *semantic_model["entities"]]
            if any(mentions.search(element["expr"] or element["name"]) for element in others):
                whole.add(semantic_model["unique_id"])
    return measures, whole


def _reads(node: dict[str, Any], unique_id: str, model: str) -> bool:
    """Also by a reference to a model that is gone, which dbt resolves no more."""
    return unique_id in node["depends_on"]["nodes"] or any(ref["name"] == model for ref in node.get("refs", []))


def main() -> None:
    """Writes the file, or says what broke."""
    write_if_kept(CONTRACTS, require_no_breaking_change, contracts_text)


if __name__ == "__main__":
    main()
