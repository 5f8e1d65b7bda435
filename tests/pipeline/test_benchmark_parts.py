"""The parts of `warehouse benchmark` that need a whole company, on the demo that is built already."""

from pathlib import Path

import pytest
from command_line import CommandLine
from warehouse.benchmark.readers import QUERIES, read, slowest_query
from warehouse.benchmark.run import overhead
from warehouse.errors import WarehouseError
from warehouse.workspace import Workspace, open_workspace


def test_readers_are_timed(demo: CommandLine) -> None:
    found = read(demo.publication, readers=2, turns=2)
    assert found["readers"] == 2
    assert 0 < found["warm_p50_ms"] <= found["warm_p95_ms"] <= found["warm_max_ms"] < 60_000
    assert 0 < found["cold_p50_ms"] <= found["cold_p95_ms"]
    name, milliseconds = slowest_query(demo.publication)
    assert name in QUERIES and milliseconds > 0


def test_readers_ask_for_what_is_there(demo: CommandLine) -> None:
    for query in QUERIES.values():
        assert demo.rows(query), query


def test_a_reader_that_fails_is_no_measurement(tmp_path: Path) -> None:
    broken = tmp_path / "warehouse.duckdb"
    broken.write_bytes(b"no database")
    with pytest.raises(WarehouseError, match="A reader of the publication failed"):
        read(broken, readers=2, turns=1)


def test_dbts_own_time_is_told_from_the_engines(tmp_path: Path) -> None:
    demo = Workspace("demo", open_workspace("demo").settings, tmp_path)
    found = overhead(demo, "demo_erp__exchange_rates", "stg_demo_erp__exchange_rates")
    assert found["nodes"] >= 2 and found["failed"] == {}
    assert 0 < found["engine_seconds"] < found["seconds"]
    assert found["engine_seconds"] + found["dbt_seconds"] + found["start_up_seconds"] == pytest.approx(found["seconds"])
    assert 1 < found["ms_per_node"] < 10_000
