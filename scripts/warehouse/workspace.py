"""A workspace is one company: which systems it has, its currency, time zone and paths."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from warehouse.errors import WarehouseError
from warehouse.project import PROJECT_ROOT, dbt_variables, known_systems

DEFAULT_WORKSPACE = "demo"


class CheckOverride(BaseModel):
    """What a workspace changes about a check of the audit, and why.

    Attributes:
        severity: block, warn or info; empty leaves it.
        thresholds: thresholds of the check that are other here.
        reason: shown with the check.
    """

    model_config = ConfigDict(extra="forbid")

    severity: Literal["block", "warn", "info"] | None = None
    thresholds: dict[str, Any] = {}
    reason: str = Field(min_length=10)


class WorkspaceSettings(BaseModel):
    """The content of `workspaces/<name>.yml`.

    Attributes:
        systems: enabled systems by domain; a domain left out has none.
        base_currency: ISO 4217 code that all amounts are stated in.
        reporting_timezone: IANA zone in which days and months are cut.
        as_of: the day the numbers are stated for; empty means the last day of the data.
        kept_publications: how many publications stay, the current one and those to go back to.
        data: folder of the raw lake, the working database and the publications; `data/<name>` when empty.
        variables: other variables of dbt_project.yml, such as `source_timezones`.
        audit: checks by name that are stricter or milder for this company.
    """

    model_config = ConfigDict(extra="forbid")

    description: str = ""
    systems: dict[str, list[str]]
    base_currency: str = Field(pattern=r"^[A-Z]{3}$")
    reporting_timezone: str
    as_of: date | None = None
    # At least two: whoever is just opening the publication before the current one has to find it.
    kept_publications: int = Field(default=5, ge=2)
    data: Path | None = None
    variables: dict[str, Any] = {}
    audit: dict[str, CheckOverride] = {}

    @field_validator("systems")
    @classmethod
    def _systems_exist(cls, systems: dict[str, list[str]]) -> dict[str, list[str]]:
        for domain, names in systems.items():
            _require_known("domain", domain, dbt_variables()["domains"])
            for name in names:
                _require_known("system", name, known_systems())
        return systems

    @field_validator("reporting_timezone")
    @classmethod
    def _timezone_exists(cls, timezone: str) -> str:
        _require_known("time zone", timezone, available_timezones())
        return timezone

    @field_validator("variables")
    @classmethod
    def _variables_exist(cls, variables: dict[str, Any]) -> dict[str, Any]:
        for name, value in variables.items():
            _require_known("variable", name, dbt_variables())
            if any(mark in text for text in _texts(value) for mark in "'\0"):
                # it becomes a text in SQL
                raise ValueError(f"{name} holds a single quote, which no value of a variable may")
        return variables


def _texts(value: Any) -> Iterator[str]:
    """Every text in a setting, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (*_texts(key), *_texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _require_known(kind: str, name: str, known: Any) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(known)[:12])}"
        raise ValueError(f"there is no {kind} '{name}'; {hint}")


@dataclass(frozen=True)
class Workspace:
    """A workspace with its paths resolved."""

    name: str
    settings: WorkspaceSettings
    folder: Path

    @property
    def raw_lake(self) -> Path:
        """Parquet files as landed: `<system>/<table>/<batch>.parquet`."""
        return self.folder / "raw"

    @property
    def working_database(self) -> Path:
        """The DuckDB file that dbt writes; only the pipeline opens it."""
        return self.folder / "working.duckdb"

    @property
    def publication(self) -> Path:
        """The current publication, for BI and notebooks: the same path for ever."""
        return self.folder / "warehouse.duckdb"

    @property
    def publications(self) -> Path:
        """Every publication kept, each in a folder of its own named by its build id."""
        return self.folder / "publications"

    @property
    def current(self) -> Path:
        """The link to the folder of the current publication: what is swapped when another becomes current."""
        return self.folder / "current"

    @property
    def site(self) -> Path:
        """The report site, unless it is written elsewhere."""
        return self.folder / "site"

    @property
    def data_docs(self) -> Path:
        """What the last audit found, as pages."""
        return self.folder / "data_docs"

    @property
    def target(self) -> Path:
        """Dbt's artifacts. One folder a workspace, so that none invalidates the other's partial parse."""
        return self.folder / "dbt"

    @property
    def enabled_systems(self) -> list[str]:
        """The systems of all domains, each once, in order of appearance."""
        return list(dict.fromkeys(name for names in self.settings.systems.values() for name in names))

    def dbt_variables(self) -> dict[str, Any]:
        """What this workspace passes to dbt's `--vars`."""
        return {
            **self.settings.variables,
            "systems": self.settings.systems,
            "enabled_systems": self.enabled_systems,
            "raw_root": str(self.raw_lake),
            "base_currency": self.settings.base_currency,
            "reporting_timezone": self.settings.reporting_timezone,
            "as_of": self.settings.as_of.isoformat() if self.settings.as_of else "",
        }

    def dbt_environment(self) -> dict[str, str]:
        """Environment of a dbt process that works on this workspace."""
        return {
            **os.environ,
            "WAREHOUSE_DATABASE": str(self.working_database),
            "WAREHOUSE_TEMP": str(self.folder / "tmp"),
            "DBT_PROFILES_DIR": str(PROJECT_ROOT),
            "DO_NOT_TRACK": "1",
        }

    def dbt_arguments(self, arguments: list[str]) -> list[str]:
        """A dbt command line for this workspace: the user's arguments with project, target and variables."""
        return [
            *arguments,
            "--project-dir", str(PROJECT_ROOT),
            "--target-path", str(self.target),
            "--log-path", str(self.folder / "logs"),
            "--vars", json.dumps(self.dbt_variables()),
        ]  # fmt: skip


def workspace_names() -> list[str]:
    """The workspaces that have a file."""
    return sorted(path.stem for path in (PROJECT_ROOT / "workspaces").glob("*.yml"))


def data_root() -> Path:
    """Where workspaces lie that name no folder of their own."""
    return Path(os.environ.get("WAREHOUSE_DATA", PROJECT_ROOT / "data"))


def open_workspace(name: str) -> Workspace:
    """Reads `workspaces/<name>.yml`.

    Raises:
        WarehouseError: there is no such file, or a setting in it is wrong.
    """
    path = PROJECT_ROOT / "workspaces" / f"{name}.yml"
    if name not in workspace_names():
        raise WarehouseError(
            f"There is no workspace '{name}': no file workspaces/{name}.yml. "
            f"Workspaces: {', '.join(workspace_names())}. The README shows how to make one."
        )
    try:
        settings = WorkspaceSettings.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError as error:
        raise WarehouseError(f"workspaces/{name}.yml is not valid YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise WarehouseError(f"workspaces/{name}.yml: {problems}") from error
    folder = PROJECT_ROOT / settings.data if settings.data else data_root() / name
    return Workspace(name, settings, folder.resolve())
