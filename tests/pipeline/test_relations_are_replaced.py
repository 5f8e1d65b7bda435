"""Models are replaced, or take in a batch, in one step (macros/overrides), whatever stood there before."""

from pathlib import Path

import duckdb
import pytest
from small_project import SmallProject


class Probe:
    """A model of the small project that is written anew for each step."""

    def __init__(self, folder: Path) -> None:
        self.project = SmallProject.copied_to(folder)
        self.models = self.project.project / "models" / "marts"

    def build(self, sql: str, materialized: str = "table", in_full: bool = False, **config: str) -> tuple[int, str]:
        """Runs the model; its exit status and what dbt said."""
        settings = ", ".join(f"{name}='{value}'" for name, value in {"materialized": materialized, **config}.items())
        (self.models / "probe.sql").write_text(f"{{{{ config({settings}) }}}}\n{sql}", encoding="utf-8")
        done = self.project.run("dbt", "--", "run", "--select", "probe", *(["--full-refresh"] if in_full else []))
        return done.returncode, done.stdout

    def rows(self) -> list[tuple[object, ...]]:
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


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ({"incremental_strategy": "append"}, [(1, "a"), (1, "b"), (2, "c"), (3, "kept")]),
        ({"incremental_strategy": "delete+insert", "unique_key": "id"}, [(1, "b"), (2, "c"), (3, "kept")]),
        ({"incremental_strategy": "merge", "unique_key": "id"}, [(1, "b"), (2, "c"), (3, "kept")]),
    ],
    ids=["append", "delete+insert", "merge"],
)
def test_a_batch_is_taken_in_by_name_or_not_at_all(
    probe: Probe, strategy: dict[str, str], expected: list[tuple[int, str]]
) -> None:
    def build(sql: str, in_full: bool = False) -> tuple[int, str]:
        return probe.build(sql, "incremental", in_full, **strategy)

    assert build("select 1 as id, 'a' as value union all select 3, 'kept'")[0] == 0
    # its columns in another order
    status, said = build("select 'b' as value, 1 as id union all select 'c', 2")
    assert status == 0, said
    rows = [("BASE TABLE", *row) for row in expected]
    assert probe.rows() == rows
    assert build("select 'd' as value, cast('four' as integer) as id")[0] != 0
    assert probe.rows() == rows
    assert build("select 5 as id, 'e' as value", in_full=True)[0] == 0
    assert probe.rows() == [("BASE TABLE", 5, "e")]
