"""Models are replaced in one step (macros/overrides/tables_and_views.sql), whatever stood there before."""

from pathlib import Path

import duckdb
import pytest
from small_project import SmallProject


class Probe:
    """A model of the small project that is written anew for each step."""

    def __init__(self, folder: Path) -> None:
        self.project = SmallProject.copied_to(folder)
        self.models = self.project.project / "models" / "marts"

    def build(self, sql: str, materialized: str = "table") -> tuple[int, str]:
        """Runs the model; its exit status and what dbt said."""
        config = f"{{{{ config(materialized='{materialized}') }}}}\n"
        (self.models / "probe.sql").write_text(config + sql, encoding="utf-8")
        done = self.project.run("dbt", "--", "run", "--select", "probe")
        return done.returncode, done.stdout

    def rows(self) -> list[tuple[str, int]]:
        """What stands: the kind of each relation, and the values."""
        with duckdb.connect(str(self.project.folder / "working.duckdb"), read_only=True) as connection:
            kinds = connection.execute(
                "select table_name, table_type from information_schema.tables where table_name like 'probe%'"
            ).fetchall()
            ((name, kind),) = kinds
            return [(kind, *row) for row in connection.execute(f"from marts.{name} order by all").fetchall()]


@pytest.fixture
def probe(tmp_path: Path) -> Probe:
    return Probe(tmp_path)


def test_a_relation_changes_its_kind_keeps_its_rows_when_it_fails_and_may_read_itself(probe: Probe) -> None:
    assert probe.build("select 1 as value", "view")[0] == 0
    assert probe.rows() == [("VIEW", 1)]
    assert probe.build("select 2 as value")[0] == 0
    assert probe.rows() == [("BASE TABLE", 2)]
    assert probe.build("select value + 1 as value from {{ this }}")[0] == 0
    assert probe.rows() == [("BASE TABLE", 3)]
    status, said = probe.build("select cast('four' as integer) as value")
    assert status != 0 and "Could not convert string 'four'" in said
    assert probe.rows() == [("BASE TABLE", 3)]
    assert probe.build("select 5 as value", "view")[0] == 0
    assert probe.rows() == [("VIEW", 5)]


def test_a_contract_holds(probe: Probe) -> None:
    (probe.models / "_probe.yml").write_text(
        """
models:
  - name: probe
    config: {contract: {enforced: true}}
    columns:
      - name: value
        data_type: integer
        constraints: [{type: not_null}]
""",
        encoding="utf-8",
    )
    assert probe.build("select 1 as value")[0] == 0
    for sql, said in {
        "select 'x' as value": "This model has an enforced contract that failed",
        "select cast(null as integer) as value": "NOT NULL constraint failed",
    }.items():
        status, output = probe.build(sql)
        assert status != 0 and said in output
        assert probe.rows() == [("BASE TABLE", 1)]
