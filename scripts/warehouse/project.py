"""Where the dbt project is, and what its YAML says about systems and contracts."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import WarehouseError

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class RawTable:
    """A table that a system exports.

    Attributes:
        system: system name, such as `online_retail`.
        name: table name in the raw lake.
        required: columns an export must have.
        optional: columns it may have; a missing one is read as empty.
        types: type by column, as far as the contract or the sources file names one.
        accepted_values: the codes that exist, for columns of codes.
        entities: what its rows become.
        clock: the column that says on which day a row belongs; None for a table of things rather than events.
        personal: columns that say who somebody is -> what becomes of them when they are loaded (warehouse.privacy).
        people: columns that hold a person's number -> `contact` or `visitor`.
    """

    system: str
    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    types: dict[str, str] = field(default_factory=dict, compare=False)
    accepted_values: dict[str, list[str]] = field(default_factory=dict, compare=False)
    entities: tuple[str, ...] = ()
    clock: str | None = None
    personal: dict[str, str] = field(default_factory=dict, compare=False)
    people: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that an export may have, required ones first."""
        return self.required + self.optional

    @property
    def domain_columns(self) -> tuple[str, ...]:
        """Columns that are made when a table is loaded: the domains of addresses that are hashed."""
        return tuple(f"{name}_domain" for name, rule in self.personal.items() if rule == "hash")


@cache
def dbt_variables() -> dict[str, Any]:
    """The defaults under `vars:` in dbt_project.yml."""
    return _read_yaml(PROJECT_ROOT / "dbt_project.yml")["vars"]


def project_version() -> str:
    """The version under `version:` in dbt_project.yml."""
    return str(_read_yaml(PROJECT_ROOT / "dbt_project.yml")["version"])


@cache
def conformed_entities() -> list[str]:
    """Every entity of the company, by domain."""
    return [entity for entities in dbt_variables()["domains"].values() for entity in entities]


@cache
def known_systems() -> dict[str, list[str]]:
    """Entities that each known system provides, by system name; flat_file takes every one."""
    return {**dbt_variables()["entities"], "flat_file": conformed_entities()}


@cache
def raw_tables(system: str) -> dict[str, RawTable]:
    """The raw tables of a system, by name, read from its sources file.

    A source table without columns bears the names of the conformed entity's contract, less what its staging model
    derives when the export has none.

    Raises:
        WarehouseError: the system is not known.
    """
    # a name and not a path, before it becomes a part of one
    is_name = re.fullmatch(r"[a-z][a-z0-9_]*", system) is not None
    sources_file = PROJECT_ROOT / "models" / "staging" / system / f"_{system}__sources.yml"
    if not is_name or not sources_file.is_file():
        raise WarehouseError(
            f"There is no system named '{system}'. Known systems: {', '.join(sorted(known_systems()))}."
        )
    tables = _read_yaml(sources_file)["sources"][0]["tables"]
    return {table["name"]: _raw_table(system, table) for table in tables}


def _raw_table(system: str, table: dict[str, Any]) -> RawTable:
    if "columns" in table:
        declared = table["columns"]
        optional = {c["name"] for c in declared if _rules(c).get("optional")}
    else:
        declared = [c for c in contract_columns(table["name"]) if c["name"] != "source_system"]
        optional = {c["name"] for c in declared if not _rules(c).get("required")}
        optional |= set(_rules(table).get("derived_when_absent", []))
    # what is not kept need not be there
    optional |= {c["name"] for c in declared if _rules(c).get("personal") == "drop"}
    columns = [c["name"] for c in declared]
    return RawTable(
        system,
        table["name"],
        required=tuple(name for name in columns if name not in optional),
        optional=tuple(name for name in columns if name in optional),
        types={c["name"]: c["data_type"] for c in declared if "data_type" in c},
        accepted_values={c["name"]: _rules(c)["accepted_values"] for c in declared if "accepted_values" in _rules(c)},
        entities=tuple(_rules(table).get("entities", [table["name"]])),
        clock=next((c["name"] for c in declared if _rules(c).get("clock")), None),
        personal={c["name"]: _rules(c)["personal"] for c in declared if "personal" in _rules(c)},
        people={c["name"]: _rules(c)["person"] for c in declared if "person" in _rules(c)},
    )


@cache
def contract_columns(entity: str) -> list[dict[str, Any]]:
    """The columns of a conformed entity as its YAML lists them, key first."""
    return _read_yaml(PROJECT_ROOT / "models" / "conformed" / f"{entity}.yml")["models"][0]["columns"]


def _rules(column: dict[str, Any]) -> dict[str, Any]:
    return column.get("config", {}).get("meta", {})


def _read_yaml(path: Path) -> dict[str, Any]:
    # libyaml where the wheel has it, which is ten times as fast: every command reads some of the project's YAML
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
