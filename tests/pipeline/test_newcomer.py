"""A newcomer's way, as the README tells it: files with other column names, then bad data, then mended data."""

import re
from pathlib import Path

import pytest
from command_line import CommandLine, write_csv


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    folder = tmp_path_factory.mktemp("newcomer")
    warehouse = CommandLine(folder / "data", "example")
    orders = [[f"N{n}", f"K{n % 5}", f"2025-0{1 + n % 3}-0{1 + n % 7} 10:00:00"] for n in range(30)]
    lines = [[f"N{n}", "bolt", 1 + n % 3, "10.00"] for n in range(30)]
    write_csv(folder / "sales.csv", ["No", "Customer", "Order date"], orders)
    write_csv(folder / "order_lines.csv", ["order_id", "product_id", "quantity", "unit_price"], lines)
    warehouse.succeed(
        "load", "flat_file", str(folder / "sales.csv"), "--table", "orders",
        "--rename", "No=order_id", "--rename", "Customer=account_id", "--rename", "Order date=ordered_at",
    )  # fmt: skip
    warehouse.succeed("load", "flat_file", str(folder / "order_lines.csv"))
    warehouse.succeed("build")
    return warehouse


def test_the_board_is_filled(company: CommandLine) -> None:
    # 30 lines of 1, 2 or 3 bolts at 10: ten each
    assert company.value("select sum(numerator) from kpi_board where metric = 'revenue'") == 600
    assert company.value("select count(*) from kpi_account_profile where is_customer") == 5


def test_customers_exist_without_an_account_list(company: CommandLine) -> None:
    rows = company.rows("select account_id, is_listed from dim_account order by 1 limit 1")
    assert rows == [{"account_id": "flat_file:K0", "is_listed": False}]


def test_a_failed_audit_leaves_the_publication_alone_and_says_why(company: CommandLine, tmp_path: Path) -> None:
    before = company.publication.read_bytes()
    broken = [[f"X{n}", "K1", "soon"] for n in range(30)]
    path = write_csv(tmp_path / "orders.csv", ["order_id", "account_id", "ordered_at"], broken)
    output = company.succeed("load", "flat_file", str(path))
    batch = Path(re.search(r"(/\S+[.]parquet)", output).group(1))

    failed = company.run("build")
    assert failed.returncode == 1
    assert "The audit failed; the publication is unchanged" in failed.stderr
    assert "reconciliation.rejected_share: system_name flat_file, table_name orders" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert company.publication.read_bytes() == before

    refused = company.run("publish")
    assert refused.returncode == 1 and "has not passed its audit" in refused.stderr

    batch.unlink()
    company.succeed("build")
    assert company.value("select sum(numerator) from kpi_board where metric = 'revenue'") == 600


def test_a_later_file_corrects_an_earlier_one(company: CommandLine, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "orders.csv",
        ["order_id", "account_id", "ordered_at", "status"],
        [["N0", "K0", "2025-01-01 10:00:00", "cancelled"]],
    )
    company.succeed("load", "flat_file", str(path))
    company.succeed("build")
    # N0 was one bolt
    assert company.value("select sum(numerator) from kpi_board where metric = 'revenue'") == 590
    (row,) = company.rows("select * from reconciliation where table_name = 'orders'")
    assert (row["raw_rows"], row["accepted_rows"], row["merged_rows"], row["rejected_rows"]) == (31, 30, 1, 0)
