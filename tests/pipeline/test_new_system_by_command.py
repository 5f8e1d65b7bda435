"""An unknown export is on the board after new-system, load and build, in a copy of the project."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import WAREHOUSE, CommandLine, write_csv
from project_copy import copy_project

WORKSPACE = """\
systems:
  crm: [acme]
  commerce: [acme]
base_currency: EUR
reporting_timezone: Europe/Berlin
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("new_system") / "project")
    (folder / "workspaces").mkdir()
    (folder / "workspaces" / "acme.yml").write_text(WORKSPACE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def warehouse(project: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    environment = {
        **os.environ, "PYTHONPATH": str(project / "scripts"), "WAREHOUSE_DATA": str(project / "data"), "COLUMNS": "200"
    }  # fmt: skip

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(WAREHOUSE), *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_from_an_unknown_export_to_the_board(
    project: Path, warehouse: Callable[..., subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # 30 orders of two lines, 2 at 1.50 and 1 at 1,000.00; every tenth order was cancelled, one line is no number
    lines = []
    for n in range(30):
        status = "Storniert" if n % 10 == 0 else "Delivered"
        order = [f"S-{n}", f"{1 + n % 28:02d}.0{1 + n % 3}.2026 17:05", f"K{n % 5}", f"Firma {n % 5}"]
        lines.append([*order, "P1", "Screw", "2", '"1,50"', status, "x"])
        lines.append([*order, "P2", "Drill", "1", '"1.000,00"' if n else "free", status, "x"])
    header = ["Order No.", "Order Date", "Customer No", "Customer Name", "Article", "Description", "Qty", "Price",
              "Order Status", '"{{ 1/0 }} ""; drop"']  # fmt: skip
    file = write_csv(project / "sales_2026.csv", header, lines)

    drafted = warehouse("new-system", "acme", "--from", str(file), "--timezone", "Europe/Berlin")
    assert drafted.returncode == 0, drafted.stderr
    assert "Registered it in dbt_project.yml" in drafted.stdout
    again = warehouse("new-system", "acme", "--from", str(file))
    assert again.returncode == 1 and "There is a system named 'acme' already" in again.stderr
    wrong = warehouse("new-system", "acme2", "--from", str(file), "--timezone", "Europe/Berlim")
    assert wrong.returncode == 1 and "did you mean 'Europe/Berlin'" in wrong.stderr

    loaded = warehouse("load", "acme", str(file), "--workspace", "acme")
    assert loaded.returncode == 0, loaded.stderr
    built = warehouse("build", "--workspace", "acme")
    assert built.returncode == 0, built.stderr

    monkeypatch.setenv("PYTHONPATH", str(project / "scripts"))
    company = CommandLine(project / "data", "acme")
    # 27 orders were not cancelled; order 0, whose second line is rejected, is one of the cancelled
    assert company.value("select sum(numerator) from kpi_board where metric = 'revenue'") == 27 * 1003
    assert company.value("select count(*) from dim_account where is_listed") == 5
    assert company.value("select product_name from dim_product where product_id = 'acme:P2'") == "Drill"
    # 31.01.2026 17:05 in Berlin
    assert company.value("select cast(ordered_at as varchar) from fct_orders where order_id = 'acme:S-27'") == (
        "2026-01-28 16:05:00"
    )
    (counts,) = company.rows("select * from reconciliation where raw_rows > 0")
    assert (counts["table_name"], counts["raw_rows"], counts["accepted_rows"]) == ("sales", 60, 59)
    (rejected,) = company.rows("select reason, detail from rejected_rows")
    assert rejected["reason"] == "untypable_value" and "unit_price" in rejected["detail"]


def test_the_drafted_files_are_clean(project: Path) -> None:
    drafted = sorted((project / "models" / "staging" / "acme").iterdir())
    assert len(drafted) == 9
    for path in drafted:
        text = path.read_text(encoding="utf-8")
        assert "drop" not in text and "1/0" not in text
        assert max(map(len, text.splitlines())) <= 120, path.name
        assert path.suffix == ".yml" or text.startswith("-- Grain: ")
