"""What dbt knows of the whole project: its manifest, with every system enabled."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from filelock import FileLock

from warehouse.dbt import DBT
from warehouse.errors import WarehouseError
from warehouse.project import PROJECT_ROOT, dbt_variables, known_systems

Manifest = dict[str, Any]

# The folders of models/marts/ with KPIs, in the order in which they are read.
AREAS = (
    "overview", "customers", "catalogs", "quotes", "sales", "web", "orders", "marketing", "operations", "finance",
    "service",
)  # fmt: skip

# dbt's own folder, which git ignores: what has not changed since the last time is not read again.
FOLDER = PROJECT_ROOT / "target" / "all_systems"


def parse_project(folder: Path = FOLDER) -> Manifest:
    """Reads the project by `dbt parse`; no database is opened, and nothing has to be built.

    Raises:
        WarehouseError: dbt cannot read the project.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        process = subprocess.run(
            [
                *DBT, "--no-use-colors", "parse",
                "--project-dir", str(PROJECT_ROOT),
                "--target-path", str(folder),
                "--log-path", str(folder),
                "--vars", json.dumps(_every_system()),
            ],
            cwd=PROJECT_ROOT,
            env={
                **os.environ,
                "WAREHOUSE_DATABASE": ":memory:",
                "DBT_PROFILES_DIR": str(PROJECT_ROOT),
                "DO_NOT_TRACK": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if process.returncode != 0:
            raise WarehouseError(f"dbt cannot read the project:\n{process.stdout}{process.stderr}")
        return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def metrics_with_cards(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """The metrics that have a card, by name, area after area; those that are only parts of others have none."""
    cards = [metric for metric in manifest["metrics"].values() if "area" in metric["config"]["meta"]]
    cards.sort(key=lambda metric: (AREAS.index(metric["config"]["meta"]["area"]), metric["name"]))
    return {metric["name"]: metric for metric in cards}


def _every_system() -> dict[str, Any]:
    """Every system, enabled for each domain that it provides something of."""
    systems = {
        domain: [name for name, provided in known_systems().items() if set(provided) & set(entities)]
        for domain, entities in dbt_variables()["domains"].items()
    }
    return {"systems": systems, "enabled_systems": list(known_systems())}
