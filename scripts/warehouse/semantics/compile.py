"""Writes `marts.metric_catalog`: what each metric means, and the SQL that answers it by month on the publication.

Run by the build, in a process of its own: `python -m warehouse.semantics.compile TARGET DATABASE`. MetricFlow is loaded
once, reads what dbt left in its target folder, and opens no database.
"""

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from warehouse.manifest import Manifest, metrics_with_cards
from warehouse.semantics.cards import cards_of
from warehouse.semantics.engine import Semantics

# One row per metric; the order of the columns is that of a card.
COLUMNS = {
    "metric": "varchar",
    "label": "varchar",
    "description": "varchar",
    "area": "varchar",
    "question": "varchar",
    "formula": "varchar",
    "reading": "varchar",
    "unit": "varchar",
    "direction": "varchar",
    "additivity": "varchar",
    "clock": "varchar",
    "owner": "varchar",
    "variants": "varchar[]",
    "source": "varchar",
    "metric_type": "varchar",
    "sql": "varchar",
    "mart": "json",
    "cards": "json",
}


def catalog_rows(manifest: Manifest, semantics: Semantics) -> list[tuple[Any, ...]]:
    """A row of the catalog for each metric that has a card, in the order of COLUMNS."""
    rows = []
    cards = cards_of(manifest)
    for name, metric in metrics_with_cards(manifest).items():
        meta = metric["config"]["meta"]
        values = {
            **{column: meta.get(column) for column in COLUMNS},
            "metric": name,
            "label": metric["label"],
            "description": metric["description"],
            "metric_type": metric["type"],
            "sql": semantics.sql([name]),
            "mart": json.dumps(meta["mart"]) if meta["mart"] else None,
            "cards": json.dumps(cards[name], ensure_ascii=False),
        }
        rows.append(tuple(values.values()))
    return rows


def write_catalog(target: Path, database: Path) -> int:
    """Writes the catalog of a build to its working database, and returns the number of metrics."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    rows = catalog_rows(manifest, Semantics.read(target))
    definitions = ", ".join(f"{name} {data_type}" for name, data_type in COLUMNS.items())
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(f"create or replace table marts.metric_catalog ({definitions})")
        if rows:  # a project may have no metrics
            connection.executemany(f"insert into marts.metric_catalog values ({', '.join('?' * len(COLUMNS))})", rows)
    return len(rows)


if __name__ == "__main__":
    print(f"{write_catalog(Path(sys.argv[1]), Path(sys.argv[2]))} metrics")
