"""The tutorial works as it is printed: its commands are run one by one, in a copy of the project."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import CommandLine
from project_copy import copy_project
from warehouse.project import PROJECT_ROOT

TUTORIAL = (PROJECT_ROOT / "docs" / "bring_your_own_data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", TUTORIAL, flags=re.MULTILINE | re.DOTALL)


def test_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_project(tmp_path / "project")
    (project / ".venv").symlink_to(PROJECT_ROOT / ".venv")
    (project / "workspaces").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(project / "scripts"))
    monkeypatch.delenv("WAREHOUSE_DATA", raising=False)
    output = ""
    for block in BLOCKS:
        process = subprocess.run(
            ["bash", "-euc", block], cwd=project, env={**os.environ, "COLUMNS": "200"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert process.returncode == 0, block + process.stdout + process.stderr
        output += process.stdout
    for said in (
        "written as %d.%m.%Y %H:%M", "written with a decimal comma",
        "Every column that its models need is there", "A dry run: nothing was loaded",
        "Loaded 3 rows of sales.csv as acme_shop sales", "Published:",
    ):  # fmt: skip
        assert said in output
    assert "Rejected rows:" not in output
    company = CommandLine(project / "data", "acme")
    assert company.value("select count(*) from rejected_rows") == 0
    assert company.rows("select month_start, value from kpi_board where metric = 'revenue' order by 1") == [
        {"month_start": "2026-01-01", "value": 101.0},
        {"month_start": "2026-02-01", "value": 197.5},
    ]
    assert company.value("select order_channel from fct_orders where order_id = 'acme_shop:S-2'") == "web_self_service"
    shutil.rmtree(project)
