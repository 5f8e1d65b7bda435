"""What every metric means, as data: its card, and the SQL that MetricFlow makes of its definition."""

import os
import sys

from warehouse import child
from warehouse.errors import WarehouseError
from warehouse.project import PROJECT_ROOT
from warehouse.workspace import Workspace


def compile_metrics(workspace: Workspace) -> None:
    """Writes the metric catalog of the last build to the working database.

    In a process of its own: MetricFlow is large, and its memory and the database's lock go with the process.

    Raises:
        WarehouseError: a metric does not compile, or the working database is in use.
    """
    done = child.run(
        [sys.executable, "-m", "warehouse.semantics.compile", workspace.target, workspace.working_database],
        env={**os.environ, "DO_NOT_TRACK": "1"},
        capture_output=True,
    )
    if done.returncode != 0:
        raise WarehouseError(
            f"The metrics do not compile; the publication is unchanged.\n{done.stderr.strip()[-2000:]}"
        )


def run_mf(workspace: Workspace, arguments: list[str]) -> int:
    """Runs a command of MetricFlow's `mf` on the last build, its output going to the terminal. Returns its exit status.

    Raises:
        WarehouseError: nothing has been built yet.
    """
    if not (workspace.target / "semantic_manifest.json").is_file() or not workspace.working_database.is_file():
        raise WarehouseError(f"Nothing has been built yet: run `warehouse build --workspace {workspace.name}` first.")
    environment = {
        **workspace.dbt_environment(),
        "DBT_PROJECT_DIR": str(PROJECT_ROOT),
        "DBT_TARGET_PATH": str(workspace.target),
        "DBT_LOG_PATH": str(workspace.folder / "logs"),
    }
    command = [sys.executable, "-m", "warehouse.semantics.mf", *arguments]
    return child.run(command, env=environment).returncode
