"""A copy of the project, for tests that change it."""

import shutil
from pathlib import Path

from warehouse.project import PROJECT_ROOT

NEEDED = ("models", "macros", "seeds", "scripts", "tests/dbt", "analyses", "dbt_project.yml", "profiles.yml")


def copy_project(folder: Path) -> Path:
    """Copies what dbt and the command line need; PYTHONPATH has to name its scripts."""
    for name in NEEDED:
        source = PROJECT_ROOT / name
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder
