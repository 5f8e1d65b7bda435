"""The report site that the tests of its pages open."""

from pathlib import Path

import pytest
from command_line import CommandLine


@pytest.fixture(scope="session")
def site(demo: CommandLine) -> Path:
    """The report site of the demo, as its build left it."""
    return demo.data / "demo" / "site"
