"""What docs/CHANGELOG.md declares, and files that remember a promise until a change of it is declared."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, parse_project
from warehouse.project import PROJECT_ROOT

CHANGELOG = PROJECT_ROOT / "docs" / "CHANGELOG.md"


class Named(Protocol):
    """What the changelog can declare, by its name."""

    @property
    def name(self) -> str:
        """As the changelog has to name it."""


Change = TypeVar("Change", bound=Named)


def undeclared(changes: Iterator[Change], changelog: str) -> list[Change]:
    """Those that the changelog does not name under "Unreleased"."""
    section = re.search(r"^## Unreleased$(.*?)(?=^## |\Z)", changelog, flags=re.MULTILINE | re.DOTALL)
    declared = set(re.findall(r"`([\w.]+)`", section[1])) if section else set()
    return [change for change in changes if change.name not in declared]


def write_if_kept(path: Path, require: Callable[[Manifest], None], text: Callable[[Manifest], str]) -> None:
    """Writes a file anew from the project, or ends the program with what the project broke of it."""
    manifest = parse_project()
    try:
        require(manifest)
    except WarehouseError as error:
        sys.exit(str(error))
    path.write_text(text(manifest), encoding="utf-8")
    print(f"Wrote {path}")
