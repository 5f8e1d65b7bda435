"""`warehouse build` builds nothing when nothing has changed, and never takes a change for none."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from warehouse import unchanged
from warehouse.unchanged import forget_build, inputs_of, last_build_if_unchanged, remember_build
from warehouse.workspace import Workspace, WorkspaceSettings

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


@pytest.fixture
def built(project: Path, tmp_path: Path) -> Workspace:
    """A workspace after a build."""
    workspace = Workspace("acme", SETTINGS, tmp_path / "acme")
    raw = workspace.raw_lake / "flat_file" / "orders" / "b1.parquet"
    raw.parent.mkdir(parents=True)
    raw.write_bytes(b"rows")
    workspace.working_database.write_bytes(b"database")
    workspace.publication.write_bytes(b"publication")
    remember_build(workspace, inputs_of(workspace))
    return workspace


def rewrite(path: Path, content: bytes = b"other") -> None:
    path.write_bytes(content)


CHANGES: dict[str, Callable[[Path, Workspace], None]] = {
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
    "the publication is gone": lambda _, workspace: workspace.publication.unlink(),
    "another publication": lambda _, workspace: rewrite(workspace.publication, b"publicatoin"),
    "a build began and did not end": lambda _, workspace: forget_build(workspace),
    "a damaged record": lambda _, workspace: rewrite(workspace.folder / "built.json", b"{"),
}


def test_nothing_changed(built: Workspace) -> None:
    record = json.loads((built.folder / "built.json").read_text(encoding="utf-8"))
    assert last_build_if_unchanged(built) == record["built_at"]


def test_another_time_of_a_file_of_the_project_is_no_change(built: Workspace, project: Path) -> None:
    os.utime(project / "models/marts/kpi_board.sql", (1, 1))
    assert last_build_if_unchanged(built)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_seen(change: Callable[[Path, Workspace], None], built: Workspace, project: Path) -> None:
    change(project, built)
    assert last_build_if_unchanged(built) is None


def test_another_setting_is_seen(built: Workspace) -> None:
    settings = SETTINGS.model_copy(update={"reporting_timezone": "Europe/Warsaw"})
    assert last_build_if_unchanged(replace(built, settings=settings)) is None


def test_another_salt_is_seen(built: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_SALT", "secret")
    assert last_build_if_unchanged(built) is None


def test_what_changed_while_it_was_built_is_seen(built: Workspace, project: Path) -> None:
    inputs = inputs_of(built)
    rewrite(project / "models/marts/kpi_board.sql")
    remember_build(built, inputs)
    assert last_build_if_unchanged(built) is None
