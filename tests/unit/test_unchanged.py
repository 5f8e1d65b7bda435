"""`warehouse build` builds nothing when nothing has changed, and never takes a change for none."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from warehouse import unchanged
from warehouse.publication import FIXED_NAMES, current_publication
from warehouse.unchanged import forget_build, inputs_of, last_build_if_unchanged, remember_build
from warehouse.working import Audited, fingerprint, forget_audit, record_audit
from warehouse.workspace import CheckOverride, Workspace, WorkspaceSettings

SETTINGS = WorkspaceSettings(
    systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="Europe/Berlin"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    for name in ("models/marts/kpi_board.sql", "macros/sql/common.sql", "scripts/warehouse/audit/checks.yml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("select 1\n", encoding="utf-8")
    monkeypatch.setattr(unchanged, "PROJECT_ROOT", root)
    return root


def publish(workspace: Workspace, build_id: str, content: str) -> None:
    """What a publication looks like from outside, made current."""
    folder = workspace.publications / build_id
    (folder / "parquet").mkdir(parents=True)
    (folder / "warehouse.duckdb").write_bytes(b"publication")
    (folder / "parquet" / "kpi_board.parquet").write_bytes(b"rows")
    manifest = {
        "build": {"id": build_id},
        "content": content,
        "database": {"file": "warehouse.duckdb", "bytes": 11},
        "tables": {"kpi_board": {"file": "parquet/kpi_board.parquet", "bytes": 4}},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    workspace.current.unlink(missing_ok=True)
    workspace.current.symlink_to(Path("publications") / build_id)


@pytest.fixture
def built(project: Path, tmp_path: Path) -> Workspace:
    """A workspace after a build."""
    workspace = Workspace("acme", SETTINGS, tmp_path / "acme")
    raw = workspace.raw_lake / "flat_file" / "orders" / "b1.parquet"
    raw.parent.mkdir(parents=True)
    raw.write_bytes(b"rows")
    workspace.working_database.write_bytes(b"database")
    record_audit(workspace, Audited(fingerprint(workspace), {}, ["kpi_board"], []))
    for name in FIXED_NAMES:
        (workspace.folder / name).symlink_to(Path("current") / name)
    publish(workspace, "000001-a", "a")
    remember_build(workspace, inputs_of(workspace), current_publication(workspace))
    return workspace


def rewrite(path: Path, content: bytes = b"other") -> None:
    path.write_bytes(content)


CHANGES: dict[str, Callable[[Path, Workspace], object]] = {
    "a model": lambda project, _: rewrite(project / "models/marts/kpi_board.sql", b"select 2\n"),
    "a new model": lambda project, _: rewrite(project / "models/marts/kpi_more.sql"),
    "a macro is gone": lambda project, _: (project / "macros/sql/common.sql").unlink(),
    "a check of the audit": lambda project, _: rewrite(project / "scripts/warehouse/audit/checks.yml"),
    "a new raw file": lambda _, workspace: rewrite(workspace.raw_lake / "flat_file/orders/b2.parquet"),
    "a raw file is gone": lambda _, workspace: (workspace.raw_lake / "flat_file/orders/b1.parquet").unlink(),
    "a raw file of the same size": lambda _, workspace: rewrite(
        workspace.raw_lake / "flat_file/orders/b1.parquet", b"swor"
    ),
    "the working database": lambda _, workspace: rewrite(workspace.working_database),
    "the working database is gone": lambda _, workspace: workspace.working_database.unlink(),
    "an erasure, or a build of which the audit failed": lambda _, workspace: forget_audit(workspace),
    "the publication is gone": lambda _, workspace: shutil.rmtree(workspace.publications),
    "a link is gone": lambda _, workspace: workspace.publication.unlink(),
    "a table of the publication is gone": lambda _, workspace: (
        workspace.current / "parquet/kpi_board.parquet"
    ).unlink(),
    "a file of the publication is cut short": lambda _, workspace: rewrite(workspace.current / "warehouse.duckdb"),
    "a rollback": lambda _, workspace: publish(workspace, "000000-b", "b"),
    "a build began and did not end": lambda _, workspace: forget_build(workspace),
    "a damaged record": lambda _, workspace: rewrite(workspace.folder / "built.json", b"{"),
    "a record of something else": lambda _, workspace: rewrite(workspace.folder / "built.json", b"[]"),
}


def test_nothing_changed(built: Workspace) -> None:
    record = json.loads((built.folder / "built.json").read_text(encoding="utf-8"))
    unchanged_build = last_build_if_unchanged(built)
    assert unchanged_build.built_at == record["built_at"]
    assert unchanged_build.publication.build_id == "000001-a"


def test_the_same_content_published_again_is_no_change(built: Workspace) -> None:
    publish(built, "000002-a", "a")
    assert last_build_if_unchanged(built).publication.build_id == "000002-a"


def test_another_time_of_a_file_of_the_project_is_no_change(built: Workspace, project: Path) -> None:
    os.utime(project / "models/marts/kpi_board.sql", (1, 1))
    assert last_build_if_unchanged(built)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_seen(change: Callable[[Path, Workspace], None], built: Workspace, project: Path) -> None:
    change(project, built)
    assert last_build_if_unchanged(built) is None


OTHER_SETTINGS: dict[str, dict[str, object]] = {
    "time zone": {"reporting_timezone": "Europe/Warsaw"},
    "as of": {"as_of": date(2026, 1, 31)},
    "a variable": {"variables": {"trend_threshold": 0.5}},
    "a check of the audit": {
        "audit": {"kpi_board.is_filled": CheckOverride(severity="warn", reason="Nothing is sold in August.")}
    },
}


@pytest.mark.parametrize("change", OTHER_SETTINGS.values(), ids=OTHER_SETTINGS.keys())
def test_another_setting_is_seen(built: Workspace, change: dict[str, object]) -> None:
    assert last_build_if_unchanged(replace(built, settings=SETTINGS.model_copy(update=change))) is None


def test_another_version_of_the_engine_is_seen(built: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "version", lambda name: "99.0")
    assert last_build_if_unchanged(built) is None


def test_what_changed_while_it_was_built_is_seen(built: Workspace, project: Path) -> None:
    inputs = inputs_of(built)
    rewrite(project / "models/marts/kpi_board.sql")
    remember_build(built, inputs, current_publication(built))
    assert last_build_if_unchanged(built) is None
