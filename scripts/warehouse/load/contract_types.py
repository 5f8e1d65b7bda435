"""Whether a value is what the contract says, told by the SQL that staging casts it with.

The macros of the project are rendered here without dbt, so that a load and a build can never disagree.
"""

import re
from collections.abc import Callable
from typing import Any

from jinja2 import Environment

from warehouse.project import PROJECT_ROOT, dbt_variables
from warehouse.workspace import Workspace

MACROS = ("sql/engine.sql", "layers/staged.sql")


class _Adapter:
    """Stands for dbt's adapter: a macro's branch for DuckDB."""

    def __init__(self) -> None:
        self.macros: Any = None

    def dispatch(self, name: str) -> Callable[..., str]:
        return getattr(self.macros, f"duckdb__{name}")


class ContractTypes:
    """The casts of one workspace and system."""

    def __init__(self, workspace: Workspace, system: str) -> None:
        variables = {**dbt_variables(), **workspace.settings.variables}
        self._timestamp_formats = variables.get("timestamp_formats")
        self._timezone = variables["source_timezones"].get(system, "UTC")
        adapter = _Adapter()
        source = "".join((PROJECT_ROOT / "macros" / path).read_text(encoding="utf-8") for path in MACROS)
        environment = Environment(extensions=["jinja2.ext.do"])
        template = environment.from_string(source, globals={"adapter": adapter, "var": variables.get})
        self._macros = adapter.macros = template.module

    def typed(self, name: str, data_type: str) -> str:
        """SQL that casts the trimmed text of a column; null when it does not fit. Not for text, which always fits."""
        return self._macros.typed(name, data_type, self._timezone, {})

    def suspect(self, name: str, data_type: str) -> str:
        """SQL that finds every value which `typed` may not read, and few others, in half its time."""
        decimal = re.fullmatch(r"decimal\(\d+, ?(\d+)\)", data_type)
        if decimal:
            # what is read, and has no more decimals than are kept, is not rounded
            many = f"contains({name}, 'e') or contains({name}, 'E') or {name} like '%.{'_' * (int(decimal[1]) + 1)}%'"
            return f"{name} is not null and (try_cast({name} as {data_type}) is null or {many})"
        if data_type == "date" and not self._timestamp_formats:
            plain = f"{name} like '____-__-__' and {name} >= '0'"
            return f"{name} is not null and (try_cast({name} as date) is null or not ({plain}))"
        return f"{name} is not null and ({self.typed(name, data_type)}) is null"

    @property
    def no_identity(self) -> str:
        """The regular expression of ids that name nothing, in lower case."""
        return self._macros.no_identity_pattern()

    def trimmed(self, expression: str) -> str:
        """SQL that trims a value as staging does."""
        return self._macros.trimmed(expression)
