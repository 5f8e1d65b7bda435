"""A new system's lines in dbt_project.yml, put where they belong with all comments kept."""

import os
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Registration:
    """The lines of dbt_project.yml that a new system needs.

    Attributes:
        lines: section -> line.
        is_done: whether they were written; if not, the file has another shape than expected, and was left alone.
    """

    lines: dict[str, str]
    is_done: bool


def register(project: Path, name: str, entities: list[str], timezone: str) -> Registration:
    """Adds a system to dbt_project.yml, in one step, or not at all."""
    enabled = f"{{{{ '{name}' in var('enabled_systems', []) }}}}"
    lines = {
        "vars: entities": f"    {name}: [{', '.join(entities)}]",
        "vars: source_timezones": f"    {name}: {timezone}",
        "models: b2b_commerce_warehouse: staging": f'      {name}: {{+enabled: "{enabled}"}}',
    }
    path = project / "dbt_project.yml"
    before = path.read_text(encoding="utf-8")
    after = before
    for header, line in zip(("  entities:", "  source_timezones:", "    staging:"), lines.values(), strict=True):
        after = _added(after, header, line)
    expected = _expected(yaml.safe_load(before), name, entities, timezone, enabled)
    return _replaced(path, after, expected, lines)


def entities_registered(project: Path, name: str) -> list[str] | None:
    """The entities of a system in dbt_project.yml, or nothing if it is not there."""
    variables = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return variables["entities"].get(name)


def register_more(project: Path, name: str, entities: list[str]) -> Registration:
    """Replaces the entities of a system in dbt_project.yml, in one step, or not at all."""
    line = f"    {name}: [{', '.join(entities)}]"
    path = project / "dbt_project.yml"
    before = path.read_text(encoding="utf-8")
    registered = f"    {name}: [{', '.join(entities_registered(project, name) or [])}]"
    expected = yaml.safe_load(before)
    expected["vars"]["entities"][name] = entities
    return _replaced(path, before.replace(f"{registered}\n", f"{line}\n", 1), expected, {"vars: entities": line})


def _replaced(path: Path, after: str, expected: Any, lines: dict[str, str]) -> Registration:
    if yaml.safe_load(after) != expected:
        return Registration(lines, is_done=False)
    half_written = path.with_suffix(f".{os.getpid()}.tmp")
    half_written.write_text(after, encoding="utf-8")
    half_written.replace(path)
    return Registration(lines, is_done=True)


def _added(text: str, header: str, line: str) -> str:
    """The line at the end of the block under a header."""
    lines = text.split("\n")
    if lines.count(header) != 1:
        return text
    depth = len(header) - len(header.lstrip())
    end = start = lines.index(header)
    while end + 1 < len(lines) and lines[end + 1].startswith(" " * (depth + 1)):
        end += 1
    return "\n".join([*lines[: end + 1], line, *lines[end + 1 :]]) if end > start else text


def _expected(project: Any, name: str, entities: list[str], timezone: str, enabled: str) -> Any:
    changed = deepcopy(project)
    changed["vars"]["entities"][name] = entities
    changed["vars"]["source_timezones"][name] = timezone
    changed["models"]["b2b_commerce_warehouse"]["staging"][name] = {"+enabled": enabled}
    return changed
