"""Every custom dbt test passes on sound data and fails on the fault it is there for."""

from collections.abc import Iterator

import duckdb
import pytest
from compiled import CompiledProject

SOUND = {
    "orders": [
        {"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03"},
        {"order_id": "2", "account_id": "A", "ordered_at": "2025-02-03"},
    ],
    "order_lines": [
        {"order_id": "1", "product_id": "P", "quantity": "1", "unit_price": "10"},
        {"order_id": "2", "product_id": "P", "quantity": "2", "unit_price": "10"},
    ],
    "accounts": [{"account_id": "A"}],
}
FAULTS = {
    "board_revenue_equals_account_profiles": "update kpi_account_profile set net_sales_amount = net_sales_amount + 1",
    "board_covers_every_metric_and_month": "delete from kpi_board where metric = 'aov' and month_start = '2025-01-01'",
    "board_segments_add_up": "update kpi_board_segments set numerator = numerator + 1 where segment = 'unknown'",
    "order_amounts_equal_their_lines": "delete from fct_order_lines where order_id like '%:1'",
    "net_never_exceeds_gross": "update fct_order_lines set net_amount = null where order_id like '%:1'",
    "rfm_scores_follow_their_inputs":
        "insert into kpi_account_value (account_id, rfm_orders, frequency_score) values ('x', 99, 0)",
    "cohorts_begin_whole": "update kpi_cohort_retention set retained_customers = 0 where months_since = 0",
    "attribution_credits_every_order_once":
        "delete from kpi_attribution where order_id like '%:1' and attribution_model = 'linear'",
    "channels_add_up_to_all": "update kpi_channel set new_customers = new_customers + 1 where channel <> 'all'",
    "revenue_structure_equals_board":
        "update kpi_revenue_structure set net_sales_amount = net_sales_amount + 1 where dimension = 'country'",
    "board_equals_area_marts": "update kpi_order_channel set orders = orders + 1",
    "catalogs_equal_board": "delete from kpi_catalog_performance",
    "products_equal_ledger": "delete from kpi_product_performance where orders > 0",
    "new_customers_equal_cohorts": "delete from kpi_cohort_retention where months_since = 0",
    "receivables_roll_forward":
        "insert into kpi_receivables (month_start, company_size, opening_amount) values ('2025-01-01', 'x', 1)",
    "receivables_equal_open_invoices":
        "insert into fct_invoices (invoice_id, open_amount, is_valid) values ('x', 1, true)",
    # put behind the back of screening: a repeated key, a missing required value, an unknown code
    "fits_contract_orders_": "insert into conformed.screened_orders from conformed.screened_orders limit 1",
    "fits_contract_order_lines_": "update conformed.screened_order_lines set quantity = null",
    "fits_contract_products_":
        "insert into conformed.screened_products (product_id, product_type, source_system, row_outcome)"
        " values ('P', 'thing', 'flat_file', 'accepted')",
    "every_row_reconciliation_raw_rows_accepted_rows_merged_rows_rejected_rows":
        "update reconciliation set raw_rows = null where table_name = 'orders'",
    "all_is_the_sum_of_months_kpi_order_channel_net_sales_amount":
        "update kpi_order_channel set net_sales_amount = net_sales_amount + 1 where period = 'all'",
    "unique_combination_kpi_cohort_retention_cohort_month__months_since":
        "insert into kpi_cohort_retention from kpi_cohort_retention limit 1",
    "one_row_publication_info_": "delete from publication_info",
}  # fmt: skip


@pytest.fixture(scope="module")
def sound_company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    return compiled_project.run(**SOUND)


@pytest.fixture
def company(sound_company: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sound company; what a test does to it is undone."""
    sound_company.execute("begin")
    yield sound_company
    sound_company.execute("rollback")


def failures(company: duckdb.DuckDBPyConnection, sql: str) -> int:
    return len(company.execute(sql).fetchall())


@pytest.mark.parametrize("name", FAULTS)
def test_a_test_sees_its_fault(
    compiled_project: CompiledProject, company: duckdb.DuckDBPyConnection, name: str
) -> None:
    sql = compiled_project.tests[name]
    assert failures(company, sql) == 0
    company.execute(FAULTS[name])
    assert failures(company, sql) > 0


def test_a_reference_that_does_not_resolve(
    compiled_project: CompiledProject, company: duckdb.DuckDBPyConnection
) -> None:
    (sql,) = (sql for name, sql in compiled_project.tests.items() if name.startswith("resolves_orders_account_id"))
    assert failures(company, sql) == 0
    # the contract would have rejected such an order: the row is put behind its back
    company.execute("update conformed.screened_orders set account_id = 'flat_file:B'")
    assert failures(company, sql) == 2
    # with no account list there is nothing to resolve against
    company.execute("delete from conformed.screened_accounts")
    assert failures(company, sql) == 0


def test_no_custom_test_is_forgotten(compiled_project: CompiledProject) -> None:
    built_in = ("unique_", "not_null_", "accepted_values_", "relationships_", "source_")
    generic = (
        "unique_combination_", "every_row_", "resolves_", "fits_contract_", "one_row_", "all_is_the_sum_"
    )  # fmt: skip
    custom = {name for name in compiled_project.tests if not name.startswith(built_in) and not name.startswith(generic)}
    assert custom <= set(FAULTS)
