"""The checks of a suite, with what a workspace changes about them."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import WarehouseError
from warehouse.load.sql import literal
from warehouse.workspace import Workspace

Check = dict[str, Any]


def read_checks(file: Path) -> list[Check]:
    """The checks as the file states them."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def name_of(check: Check) -> str:
    """`<table>.<check>`."""
    return f"{check['table']}.{check['name']}"


def checks_for(workspace: Workspace, file: Path, relations: dict[str, str]) -> list[Check]:
    """The checks of a file as they apply to a workspace: its severities, its thresholds and `relations` filled in."""
    return [_filled(_overridden(workspace, check), relations) for check in read_checks(file)]


def refuse_unknown_overrides(workspace: Workspace, files: list[Path]) -> None:
    """A misspelt name would leave the check as it was, without a word.

    Raises:
        WarehouseError: the workspace changes a check or a threshold that does not exist.
    """
    known = {name_of(check): check for file in files for check in read_checks(file)}
    for name, override in workspace.settings.audit.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise WarehouseError(
                f"workspaces/{workspace.name}.yml: audit: there is no check '{name}'"
                + (f"; did you mean '{near[0]}'?" if near else f". The checks: {', '.join(known)}.")
            )
        thresholds = known[name].get("thresholds", {})
        for threshold in override.thresholds:
            if threshold not in thresholds:
                raise WarehouseError(
                    f"workspaces/{workspace.name}.yml: audit: the check '{name}' has no threshold '{threshold}'."
                    f" It has: {', '.join(thresholds) or 'none'}."
                )


def _overridden(workspace: Workspace, check: Check) -> Check:
    override = workspace.settings.audit.get(name_of(check))
    if override is None:
        return check
    changed = {**check, "reason": f"{check['reason']} Here: {override.reason}"}
    if override.severity:
        changed["severity"] = override.severity
    changed["thresholds"] = {
        name: {**value, **given} if isinstance(value, dict) and isinstance(given, dict) else given
        for name, value in check.get("thresholds", {}).items()
        for given in [override.thresholds.get(name, value)]
    }
    return changed


def _filled(check: Check, relations: dict[str, str]) -> Check:
    """Thresholds in the query: a number or text as it is, a mapping as the relation (name, threshold)."""
    if "rows" not in check:
        return {**check, "arguments": {**check.get("arguments", {}), **check.get("thresholds", {})}}
    query = check["rows"]
    for name, value in check.get("thresholds", {}).items():
        query = query.replace("{" + name + "}", _sql(value))
    for name, relation in relations.items():
        query = query.replace("{" + name + "}", relation)
    return {**check, "rows": query}


def _sql(value: Any) -> str:
    if isinstance(value, dict):
        rows = ", ".join(f"({literal(str(key))}, {_sql(limit)})" for key, limit in value.items())
        return f"(select * from (values {rows}) as listed (name, threshold))"
    return str(value) if isinstance(value, (int, float)) else literal(str(value))
