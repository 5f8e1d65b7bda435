"""`warehouse build` is done at once when nothing has changed, and builds whenever anything has: the real command line.

On the small project, whose build takes seconds. What counts as a change is in tests/unit/test_unchanged.py, one by one.
"""

import os
import shutil
import subprocess
import sys

import pytest
from small_project import SmallProject

NOTHING_NEW = "Nothing has changed since the build of"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """Built and published."""
    company = SmallProject.copied_to(tmp_path_factory.mktemp("nothing_new"))
    company.load(1, amount=7)
    company.succeed("build")
    return company


def is_told_at_once(small: SmallProject) -> bool:
    """Builds; whether that was nothing, in which case nothing may have been written either."""
    before = state_of(small)
    said = small.succeed("build")
    if NOTHING_NEW not in said:
        assert small.last_run()["stage"] == "publish"
        assert small.manifest()["build"]["id"] != before[0]
        return False
    assert small.manifest()["build"]["id"] in said and "--force" in said
    assert small.last_run()["stage"] == "nothing has changed" and small.last_run()["outcome"] == "succeeded"
    assert state_of(small) == before
    return True


def state_of(small: SmallProject) -> tuple[str, int, int]:
    working = (small.folder / "working.duckdb").stat()
    return small.manifest()["build"]["id"], working.st_size, working.st_mtime_ns


def test_a_second_build_is_told_at_once(small: SmallProject) -> None:
    assert is_told_at_once(small)
    assert "build, succeeded after" in small.succeed("status")
    assert "as nothing had changed" in small.succeed("status")
    # what is published again is the same
    small.succeed("publish")
    assert is_told_at_once(small)


def test_a_file_that_is_loaded_while_the_build_waits_is_built(small: SmallProject) -> None:
    """The question is asked by who holds the workspace, not while another run is still changing the answer."""
    waiting = small.data / "orders.parquet"
    small.load(2, amount=11)
    (small.folder / "raw" / "shop" / "orders" / "orders.parquet").replace(waiting)
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from warehouse.runs import exclusive\n"
        "from warehouse.workspace import open_workspace\n"
        "workspace = open_workspace('small')\n"
        "with exclusive(workspace, 'load'):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(4)\n"
        "    Path(sys.argv[1]).replace(workspace.raw_lake / 'shop' / 'orders' / 'orders.parquet')\n"
    )
    command = [sys.executable, "-c", program, str(waiting)]
    with subprocess.Popen(command, env=small.environment, cwd=small.project, stdout=subprocess.PIPE) as load:
        load.stdout.readline()
        before = small.manifest()
        said = small.succeed("build", "--wait", "60")
    assert load.returncode == 0 and NOTHING_NEW not in said
    assert small.manifest()["content"] != before["content"]
    assert is_told_at_once(small)


def test_a_rolled_back_publication_is_replaced(small: SmallProject) -> None:
    newest = small.manifest()["content"]
    small.succeed("rollback")
    assert small.manifest()["content"] != newest
    assert not is_told_at_once(small)
    assert small.manifest()["content"] == newest


def test_a_changed_model_is_built(small: SmallProject) -> None:
    model = small.project / "models" / "marts" / "kpi_totals.sql"
    model.write_text(model.read_text(encoding="utf-8") + "-- another comment\n", encoding="utf-8")
    assert not is_told_at_once(small)
    os.utime(model)
    assert is_told_at_once(small)


def test_a_changed_setting_is_built(small: SmallProject) -> None:
    settings = small.project / "workspaces" / "small.yml"
    settings.write_text(settings.read_text(encoding="utf-8") + "as_of: 2026-01-31\n", encoding="utf-8")
    assert not is_told_at_once(small)
    assert is_told_at_once(small)


def test_a_lost_publication_is_made_again(small: SmallProject) -> None:
    content = small.manifest()["content"]
    shutil.rmtree((small.folder / "current").resolve())
    assert NOTHING_NEW not in small.succeed("build")
    assert small.manifest()["content"] == content


def test_what_a_failed_build_left_is_built_though_the_files_are_the_published_ones_again(small: SmallProject) -> None:
    raw = small.folder / "raw" / "shop" / "orders" / "orders.parquet"
    kept = small.data / "kept.parquet"
    shutil.copy2(raw, kept)
    small.load(4, amount=-5)
    assert "The audit failed" in small.run("build").stdout
    shutil.copy2(kept, raw)
    assert raw.stat().st_mtime_ns == kept.stat().st_mtime_ns
    assert not is_told_at_once(small)
    assert is_told_at_once(small)


def test_force_builds_all_the_same(small: SmallProject) -> None:
    before = small.manifest()
    assert NOTHING_NEW not in small.succeed("build", "--force")
    assert small.manifest()["build"]["sequence"] == before["build"]["sequence"] + 1
    assert small.manifest()["content"] == before["content"]
