"""Workspaces built once for all pipeline tests."""

from pathlib import Path

import pytest
from command_line import CommandLine
from once import MakeOnce


@pytest.fixture(scope="session")
def online_retail(made_once: MakeOnce, online_retail_file: Path) -> CommandLine:
    """The workspace online_retail, loaded, built and published."""

    def make(folder: Path) -> None:
        warehouse = CommandLine(folder, "online_retail")
        warehouse.succeed("load", "online_retail", str(online_retail_file))
        warehouse.succeed("build")

    return CommandLine(made_once("online_retail", make), "online_retail")
