"""Work that is larger than the memory limit spills to the workspace's folder, and does not die."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
import yaml
from dbt.adapters.duckdb import environments
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from handmade import new_company, pass_audit
from small_project import SmallProject
from warehouse import pipeline
from warehouse.project import PROJECT_ROOT

LIMIT = "100MB"
ROWS = 3_000_000
# Both sides of the join are some 200 MB: three million keys with a text of 40 characters.
JOIN = f"""
    select count(*), sum(one.id + other.id)::bigint
    from (select id, md5(id::varchar) || '12345678' as text from range({ROWS}) as t(id)) as one
    inner join (select id, md5(id::varchar) || '12345678' as text from range({ROWS}) as t(id)) as other
        on one.text = other.text
"""


def profile(temp: Path) -> dict[str, Any]:
    """What profiles.yml gives dbt when the limit is 100 MB."""
    given = {"WAREHOUSE_MEMORY_LIMIT": LIMIT, "WAREHOUSE_TEMP": str(temp)}
    text = (PROJECT_ROOT / "profiles.yml").read_text(encoding="utf-8")
    rendered = jinja2.Template(text).render(env_var=lambda name, default: given.get(name, default))
    return yaml.safe_load(rendered)["b2b_commerce_warehouse"]["outputs"]["duckdb"]


class Spilled:
    """Watches the largest size that files in a folder have together, during a `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ended, self.most = folder, threading.Event(), 0

    def __enter__(self) -> "Spilled":
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            sizes = []
            for path in self._folder.glob("duckdb_temp*"):
                try:
                    sizes.append(path.stat().st_size)
                except FileNotFoundError:
                    continue
            self.most = max(self.most, sum(sizes))
            time.sleep(0.01)


def test_a_join_larger_than_the_limit_spills(tmp_path: Path) -> None:
    given = profile(tmp_path / "spill")["config_options"]
    with duckdb.connect(config={"threads": 2, **given}) as connection, Spilled(tmp_path / "spill") as spilled:
        found = connection.execute(JOIN).fetchall()
    assert found == [(ROWS, ROWS * (ROWS - 1))]
    assert spilled.most > 50_000_000


def test_without_a_place_to_spill_to_it_would_have_died(tmp_path: Path) -> None:
    """So that the test above is one of spilling."""
    given = profile(tmp_path / "spill")["config_options"] | {"temp_directory": ""}
    with duckdb.connect(config={"threads": 2, **given}) as connection, pytest.raises(duckdb.OutOfMemoryException):
        connection.execute(JOIN)


def test_publishing_sorts_more_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = new_company(tmp_path / "acme")
    with duckdb.connect(str(company.working_database)) as connection:
        rows = "select hash(id) as key, md5(id::varchar) || md5((id + 1)::varchar) as text from range(1500000) as t(id)"
        connection.execute(f"create table marts.fct_large as {rows}")
    pass_audit(company)
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "100MB")
    with Spilled(company.folder / "tmp") as spilled:
        assert pipeline.publish_audited(company).row_counts["fct_large"] == 1_500_000
    assert spilled.most > 10_000_000
    assert list((company.folder / "tmp").iterdir()) == []


def test_dbt_connects_again_after_rows_were_spilled(tmp_path: Path) -> None:
    given = profile(tmp_path / "spill") | {"path": str(tmp_path / "working.duckdb")}
    environment = environments.create(DuckDBCredentials.from_dict(given))
    with Spilled(tmp_path / "spill") as spilled:
        environment.handle().cursor().execute(JOIN)
    assert spilled.most > 50_000_000
    # as for the next model
    cursor = environment.handle().cursor()
    cursor.execute("select current_setting('TimeZone')")
    assert cursor.fetchone() == ("UTC",)
    environment.close()


def test_dbt_works_under_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", LIMIT)
    small = SmallProject.copied_to(tmp_path)
    query = "select current_setting('memory_limit') as memory, current_setting('temp_directory') as folder"
    shown = small.succeed("dbt", "--", "--quiet", "show", "--output", "json", "--inline", query)
    (row,) = json.loads(shown[shown.index("{") :])["show"]
    # DuckDB shows multiples of 1024
    assert row == {"memory": "95.3 MiB", "folder": str(small.folder / "tmp")}
