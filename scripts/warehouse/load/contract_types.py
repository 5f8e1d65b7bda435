"""Whether a value is what the contract says, told by the SQL that staging casts it with.

The macros of the project are rendered here without dbt, so that a load and a build can never disagree.
"""

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
        self._timezone = variables["source_timezones"].get(system, "UTC")
        adapter = _Adapter()
        source = "".join((PROJECT_ROOT / "macros" / path).read_text(encoding="utf-8") for path in MACROS)
        environment = Environment(extensions=["jinja2.ext.do"])
        template = environment.from_string(source, globals={"adapter": adapter, "var": variables.get})
        self._macros = adapter.macros = template.module

    def typed(self, name: str, data_type: str) -> str:
        """SQL that casts the trimmed text of a column; null when it does not fit. Not for text, which always fits."""
        return self._macros.typed(name, data_type, self._timezone, {})

    @property
    def no_identity(self) -> str:
        """The regular expression of ids that name nothing, in lower case."""
        return self._macros.no_identity_pattern()

    def trimmed(self, expression: str) -> str:
        """SQL that trims a value as staging does."""
        return self._macros.trimmed(expression)
