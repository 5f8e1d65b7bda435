"""What is said of a project that is not as it was promised to be."""

from collections.abc import Callable
from pathlib import Path

from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest

Requirement = Callable[[Manifest, Path, Path], None]


def said_of(changed: Manifest, require: Requirement, promised: str, changelog: str, folder: Path) -> str:
    """The message of a requirement, of files in a folder; empty when nothing is wrong."""
    promise, changes = folder / "promised.json", folder / "CHANGELOG.md"
    promise.write_text(promised, encoding="utf-8")
    changes.write_text(changelog, encoding="utf-8")
    try:
        require(changed, promise, changes)
    except WarehouseError as error:
        return str(error)
    return ""
