"""Writes tables as dbt seeds."""

import csv
from pathlib import Path

from warehouse.demo.tables import Tables


def write_seeds(tables: Tables, folder: Path) -> dict[Path, int]:
    """Writes `<folder>/<system>/<system>__<table>.csv`, one file a table; an empty field is null.

    Returns:
        Rows by file.
    """
    written = {}
    for (system, name), rows in tables.items():
        path = folder / system / f"{system}__{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        written[path] = len(rows)
    return written
