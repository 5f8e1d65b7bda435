"""The verdict on an export: what does not fit the contract, how much of it, where first, and what to do."""

from pathlib import Path
from typing import Any

import pytest
from scratch import rows_of
from warehouse.load.batches import land, prepared
from warehouse.load.columns import ColumnReport, Misfit
from warehouse.load.contract_types import ContractTypes
from warehouse.load.shapes import has_decimal_comma, has_signs, timestamp_formats
from warehouse.project import conformed_entities, raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

ORDERS = "order_id,ordered_at\n1,2025-01-03\n"


def workspace_in(folder: Path, **variables: Any) -> Workspace:
    settings = WorkspaceSettings(
        systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="UTC", variables=variables
    )
    return Workspace("test", settings, folder)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path / "data")


def verdict(workspace: Workspace, content: str, table: str = "orders") -> ColumnReport:
    file = workspace.folder.parent / f"{table}.csv"
    file.write_text(content, encoding="utf-8")
    with prepared(workspace, raw_tables("flat_file")[table], file, {}) as batch:
        return batch.report


def only_misfit(workspace: Workspace, content: str, table: str = "orders") -> Misfit:
    (misfit,) = verdict(workspace, content, table).misfits
    return misfit


def test_a_file_that_fits_has_no_findings(workspace: Workspace) -> None:
    report = verdict(workspace, "order_id,ordered_at,is_test,status\n1,2025-01-03 10:00:00+02:00, yes ,Completed\n")
    assert (report.renamed, report.unused, report.misfits, report.changes) == ({}, (), (), ())
    assert "account_id" in report.absent


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("Curency Code", "currency_code"),
        ("Customer No.", "account_id"),
        ("Zahlungsart", "payment_method"),
        ("VAT", "tax_amount"),
    ],
)
def test_a_column_under_another_name_is_recognised(workspace: Workspace, column: str, meant: str) -> None:
    assert verdict(workspace, f"order_id,ordered_at,{column}\n1,2025-01-03,x\n").renamed == {column: meant}


def test_an_unlike_column_is_only_named(workspace: Workspace) -> None:
    report = verdict(workspace, "order_id,ordered_at,colour\n1,2025-01-03,red\n")
    assert (report.renamed, report.unused) == ({}, ("colour",))


def test_a_retyped_column_is_told_with_its_share_and_first_row(workspace: Workspace) -> None:
    misfit = only_misfit(workspace, "order_id,ordered_at\n1,2025-01-03\n2,31.12.2025\n3,2025-01-03\n4,30.01.2026\n")
    assert misfit == Misfit(
        "ordered_at", "not a timestamp", 2, 0.5, 3, "31.12.2025",
        "add timestamp_formats: ['%d.%m.%Y'] to `variables` in workspaces/test.yml",
    )  # fmt: skip


def test_day_and_month_in_either_order_are_both_named(workspace: Workspace) -> None:
    advice = only_misfit(workspace, "order_id,ordered_at\n1,03/04/2025\n").advice
    assert "'%d/%m/%Y'" in advice and "(or '%m/%d/%Y', if the month comes first)" in advice


def test_the_formats_of_the_workspace_count(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path / "data", timestamp_formats=["%d.%m.%Y"])
    assert verdict(workspace, "order_id,ordered_at\n1,31.12.2025\n").misfits == ()


@pytest.mark.parametrize(
    ("value", "problem", "advice"),
    [
        ("1,5", "not a decimal(18,4)", "with a decimal point"),
        ("$1,200.50", "not a decimal(18,4)", "without signs and marks"),
        ("twelve", "not a decimal(18,4)", "such rows are rejected"),
        ("NaN", "not a decimal(18,4)", "such rows are rejected"),
        (" ", "empty", "every row needs it"),
        ("\u00a0", "empty", "every row needs it"),
    ],
)
def test_numbers(workspace: Workspace, value: str, problem: str, advice: str) -> None:
    content = f'order_id,quantity,unit_price\n1,2,3\n2,4,"{value}"\n'
    misfit = only_misfit(workspace, content, "order_lines")
    assert (misfit.column, misfit.problem, misfit.first_row) == ("unit_price", problem, 3)
    assert advice in misfit.advice


def test_unknown_codes_are_listed(workspace: Workspace) -> None:
    misfit = only_misfit(workspace, "order_id,ordered_at,status\n1,2025-01-03,Versandt\n2,2025-01-03,SHIPPED\n")
    assert (misfit.problem, misfit.rows) == ("not one of the codes", 1)
    assert misfit.advice.startswith("translate Versandt to one of: pending, ")


def test_a_blank_before_a_number_is_no_misfit(workspace: Workspace) -> None:
    assert verdict(workspace, 'order_id,quantity,unit_price\n1," 2 ","\u00a03"\n', "order_lines").misfits == ()


def test_what_changed_since_the_load_before(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text("order_id,ordered_at,note,colour\n1,2025-01-03,a,red\n")
    land(workspace, raw_tables("flat_file")["orders"], tmp_path / "first.csv", {})
    report = verdict(workspace, "order_id,ordered_at,colour,size\n2,2025-01-04,blue,L\n")
    assert report.changes == (
        ("size", "new since the load before"),
        ("note", "was in the load before and is gone"),
    )


@pytest.mark.parametrize("entity", conformed_entities())
def test_the_casts_of_every_contract_are_sql(workspace: Workspace, entity: str) -> None:
    table = raw_tables("flat_file")[entity]
    content = ",".join(table.columns) + "\n" + ",".join("?" for _ in table.columns) + "\n"
    expected = {c for c in table.columns if table.types[c] != "varchar" or c in table.accepted_values}
    assert {misfit.column for misfit in verdict(workspace, content, entity).misfits} == expected


ODD_VALUES = (
    "1", "1.5", "1.23456", "0.00004", "1e-7", "1E3", "1_000", "1_0.5", "+5", "--5", " 1.5", ".5", "5.", "1,5", "abc",
    "inf", "nan", "1e400", "0x10", "123456789012345.12345", "1e", "99999999999999999999", "1 000", "1.2345 6",
    "2025-01-03", "2025/01/03", "2025-1-3", "25-01-2003", "  25-01-03", " 025-01-03", "+025-01-03", "-025-01-03",
    "0000-01-01",
    "2025-02-30", "2025-01-03 10:00", "epoch", "infinity", "20250103", "2025-01-0x", "12025-1-03", "0025-01-03",
    "2025-01-03Z", "2025- 1-03", "2025-01-03BC",
)  # fmt: skip


@pytest.mark.parametrize("formats", [[], ["%d-%m-%Y"]], ids=["ISO", "a format of the workspace"])
@pytest.mark.parametrize(
    ("column", "data_type"),
    [("quantity", "decimal(18,4)"), ("rate_to_base", "decimal(18,8)"), ("net_amount", "decimal(18,4)"),
     ("promised_on", "date"), ("rounds", "integer"), ("weight", "double"), ("placed_at", "timestamp")],
)  # fmt: skip
def test_no_value_that_staging_cannot_read_goes_unsuspected(
    tmp_path: Path, column: str, data_type: str, formats: list[str]
) -> None:
    types = ContractTypes(workspace_in(tmp_path, timestamp_formats=formats), "flat_file")
    values = ", ".join(f"('{value}')" for value in ODD_VALUES)
    unread, suspected = f"({types.typed(column, data_type)}) is null", types.suspect(column, data_type)
    query = f"select {column} from (values {values}) as odd ({column}) where"
    assert len(rows_of(f"{query} {unread}")) > 10
    assert rows_of(f"{query} {unread} and not ({suspected})") == []


def test_the_casts_are_those_of_staging(workspace: Workspace) -> None:
    macros = (Path(__file__).parents[2] / "macros/layers/staged.sql").read_text(encoding="utf-8")
    assert "{{ typed(column.name, column.type, timezone, column.rules) }}" in macros
    assert "floor" in ContractTypes(workspace, "flat_file").typed("score", "integer")


def test_shapes() -> None:
    assert timestamp_formats(["31.12.2025 17:05"]) == ["%d.%m.%Y %H:%M"]
    assert timestamp_formats(["12/31/2025", "01/02/2025"]) == ["%m/%d/%Y"]
    assert timestamp_formats(["soon"]) == timestamp_formats([]) == []
    assert has_decimal_comma(["1.234,50", "7"]) and has_decimal_comma(["€ 1,5"])
    assert not has_decimal_comma(["1,234", "7"]) and not has_decimal_comma(["7"])
    assert has_signs(["$1,234.50", "7"]) and not has_signs(["7.5"]) and not has_signs(["20%"])
