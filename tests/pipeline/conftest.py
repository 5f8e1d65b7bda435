"""Workspaces built once for all pipeline tests."""

from pathlib import Path

import pytest
from command_line import CommandLine


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory: pytest.TempPathFactory, online_retail_file: Path) -> CommandLine:
    """The workspace online_retail, loaded, built and published."""
    warehouse = CommandLine(tmp_path_factory.mktemp("online_retail"), "online_retail")
    warehouse.succeed("load", "online_retail", str(online_retail_file))
    warehouse.succeed("build")
    return warehouse
