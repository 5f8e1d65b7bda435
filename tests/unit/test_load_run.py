"""`warehouse load` on many files: each its own batch, a refused one stops no other, and the exit status tells."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from warehouse.cli import app
from warehouse.errors import WarehouseError

GOOD = "order_id,ordered_at\n1,2025-01-03\n"
LINES = "order_id,quantity,unit_price\n1,2,3\n"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "orders_2025.csv").write_text(GOOD)
    (folder / "order_lines.csv").write_text(LINES)
    (folder / "notes.md").write_text("hello")
    return folder


def load(tmp_path: Path, *arguments: str) -> Result:
    environment = {"WAREHOUSE_DATA": str(tmp_path / "data"), "COLUMNS": "200"}
    return CliRunner().invoke(app, ["load", "flat_file", *arguments, "--workspace", "example"], env=environment)


def batches(tmp_path: Path) -> list[str]:
    return sorted(path.parent.name for path in (tmp_path / "data").rglob("*.parquet"))


def test_a_folder_is_loaded_and_only_new_files_land(tmp_path: Path, exports: Path) -> None:
    first = load(tmp_path, str(exports))
    assert first.exit_code == 0, first.output
    assert batches(tmp_path) == ["order_lines", "orders"]
    assert "Not looked at, since no such files are loaded: notes.md" in first.output
    assert "Next: warehouse build --workspace example" in first.output

    (exports / "orders_2026.csv").write_text(GOOD.replace("1,", "2,"))
    second = load(tmp_path, f"{exports}/*.csv")
    assert second.exit_code == 0
    cells = [[cell.strip() for cell in line.split("│")] for line in second.output.splitlines() if "│" in line]
    summary = {row[1]: row[5] for row in cells if len(row) > 5}
    assert summary == {"order_lines.csv": "known", "orders_2025.csv": "known", "orders_2026.csv": "new"}
    assert "Next: warehouse build" in second.output
    assert "Next: warehouse build" not in load(tmp_path, f"{exports}/order_lines.csv").output
    assert batches(tmp_path) == ["order_lines", "orders", "orders"]


def test_a_refused_file_does_not_stop_the_others(tmp_path: Path, exports: Path) -> None:
    (exports / "accounts.csv").write_text("name\nAcme\n")
    result = load(tmp_path, str(exports))
    assert result.exit_code == 1
    assert "Error: accounts.csv lacks the column account_id" in result.output
    assert batches(tmp_path) == ["order_lines", "orders"]


def test_nothing_but_refused_files_is_an_error(tmp_path: Path, exports: Path) -> None:
    (exports / "accounts.csv").write_text("name\nAcme\n")
    result = load(tmp_path, str(exports / "accounts.csv"), str(exports / "notes.md"))
    assert isinstance(result.exception, WarehouseError)
    assert "accounts.csv lacks" in str(result.exception) and "notes.md" in str(result.exception)


def test_a_load_that_refused_a_file_is_on_record_as_failed(tmp_path: Path, exports: Path) -> None:
    def last_run() -> dict[str, str]:
        return json.loads((tmp_path / "data" / "example" / "runs.json").read_text(encoding="utf-8"))[-1]

    (exports / "accounts.csv").write_text("name\nAcme\n")
    load(tmp_path, str(exports), "--dry-run")
    assert last_run()["outcome"] == "succeeded"
    load(tmp_path, str(exports))
    assert last_run()["outcome"] == "failed" and "accounts.csv lacks the column" in last_run()["error"]
    load(tmp_path, str(exports / "order_lines.csv"))
    assert (last_run()["outcome"], last_run()["error"]) == ("succeeded", "")


def test_a_preview_shortens_hashes(tmp_path: Path, exports: Path) -> None:
    (exports / "contacts.csv").write_text("contact_id,account_id,email_hash\n1,A,ann@acme.example\n")
    shown = load(tmp_path, str(exports / "contacts.csv"), "--dry-run")
    assert shown.exit_code == 0 and re.search(r"\b[0-9a-f]{8}…", shown.output), shown.output
    assert not re.search(r"[0-9a-f]{9}", shown.output)


def test_a_dry_run_shows_and_lands_nothing(tmp_path: Path, exports: Path) -> None:
    (exports / "orders_2025.csv").write_text("order_id,ordered_at\n" + "".join(f"{n},soon\n" for n in range(20)))
    result = load(tmp_path, str(exports / "orders_2025.csv"), "--dry-run")
    assert result.exit_code == 0
    assert "delimiter comma; UTF-8; a header of 2 columns" in result.output
    assert "100 % of the rows: not a timestamp; first in row 2: 'soon'" in result.output
    assert "The first 10 rows" in result.output and "A dry run: nothing was loaded." in result.output
    assert batches(tmp_path) == []


def test_options_of_databases_are_for_databases(tmp_path: Path, exports: Path) -> None:
    url = "postgresql://ann@localhost/shop"
    for arguments, message in (
        ([str(exports), "--cursor", "order_id"], "--from and --cursor are for databases"),
        ([url, str(exports), "--table", "orders"], "one database at a time"),
        ([url], "Say which table with --table"),
        (["ftp://example.com/orders.csv", "--table", "orders"], "Download a file first"),
    ):
        assert message in str(load(tmp_path, *arguments).exception)
