"""The demo company from the raw lake is the one of the seeds, and a workspace that reads seeds takes no lake."""

from pathlib import Path

import duckdb
from command_line import CommandLine

# They stand on most of the raw tables; the rest of the models is the same either way.
FACTS = ("fct_orders", "fct_returns", "fct_sessions", "fct_quotes", "fct_invoices", "fct_touchpoints")


def test_the_lake_of_scale_one_gives_the_facts_of_the_seeds(demo: CommandLine, tmp_path: Path) -> None:
    large = CommandLine(tmp_path, "demo_large")
    output = large.succeed("demo", "--scale", "1")
    assert "warehouse build --workspace demo_large" in output
    large.succeed("dbt", "--", "--quiet", "run", "--select", *(f"+{fact}" for fact in FACTS))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.publication}' as seeds (read_only)")
        connection.execute(f"attach '{tmp_path / 'demo_large' / 'working.duckdb'}' as lake (read_only)")
        for fact in FACTS:
            differing = connection.execute(
                f"(from seeds.{fact} except all from lake.marts.{fact})"
                f" union all (from lake.marts.{fact} except all from seeds.{fact})"
            ).fetchmany(3)
            assert differing == [], fact


def test_a_workspace_that_reads_seeds_takes_no_lake(tmp_path: Path) -> None:
    process = CommandLine(tmp_path, "demo").run("demo", "--scale", "1")
    assert process.returncode == 1
    assert "demo_data: lake" in process.stdout + process.stderr
    assert not list(tmp_path.rglob("*.parquet"))
