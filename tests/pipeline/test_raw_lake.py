"""Files that were put into the raw lake by other means than `warehouse load`."""

from pathlib import Path

import duckdb
from command_line import CommandLine


def test_files_without_origin_are_known_by_name_and_row(tmp_path: Path) -> None:
    warehouse = CommandLine(tmp_path, "example")
    folder = tmp_path / "example" / "raw" / "flat_file" / "accounts"
    folder.mkdir(parents=True)
    files = {
        # rows 1 and 2 are the same, row 3 has the same key
        "a": "values ('1', 'Acme'), ('1', 'Acme'), ('1', 'Bolt'), ('2', 'Cog')",
        "b": "values ('2', 'Cog'), ('3', 'Dot')",
    }
    for name, rows in files.items():
        duckdb.execute(f"copy (from ({rows}) as t(account_id, account_name)) to '{folder / name}.parquet'")
    # this one says where its rows came from
    duckdb.execute(
        "copy (select '4' as account_id, 'c.csv' as _source_file, 'batch' as _batch_id, 7 as _row_number,"
        f" timestamp '2025-01-03' as _loaded_at) to '{folder / 'c'}.parquet'"
    )
    warehouse.succeed("dbt", "--", "run", "--select", "+accounts")
    with duckdb.connect(str(tmp_path / "example" / "working.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select split_part(account_id, ':', 2), account_name, batch_id, source_file, row_number, row_outcome"
            " from conformed.screened_accounts order by batch_id, row_number"
        ).fetchall()
    assert found == [
        ("1", "Acme", "a", "a.parquet", 1, "accepted"),
        ("1", "Acme", "a", "a.parquet", 2, "merged"),
        ("1", "Bolt", "a", "a.parquet", 3, "rejected"),
        ("2", "Cog", "a", "a.parquet", 4, "accepted"),
        ("2", "Cog", "b", "b.parquet", 1, "merged"),
        ("3", "Dot", "b", "b.parquet", 2, "accepted"),
        ("4", None, "batch", "c.csv", 7, "accepted"),
    ]
