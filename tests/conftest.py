"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from command_line import CommandLine
from compiled import CompiledProject, compile_project
from warehouse.manifest import Manifest, parse_project

PROJECT_ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("WAREHOUSE_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    """What dbt knows of the project, with every system enabled."""
    return parse_project()


@pytest.fixture(scope="session")
def compiled_project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """The project compiled for a company in Warsaw that reports in PLN."""
    return compile_project(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="session")
def small_numbers_project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """The same for a company that takes two cases for enough (min_reportable_n)."""
    variables = {"source_timezones": {"flat_file": "Europe/Warsaw"}, "min_reportable_n": 2}
    return compile_project(tmp_path_factory.mktemp("small_numbers"), variables=variables)


@pytest.fixture(scope="session")
def online_retail_file() -> Path:
    """The UCI Online Retail data set; tests that need it skip where it is absent."""
    path = SHARED_DATA / "online_retail" / "online_retail.parquet"
    if not path.is_file():
        pytest.skip(f"{path} is absent; set WAREHOUSE_SHARED_DATA to the folder that holds online_retail/")
    return path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The demo company, built and published."""
    warehouse = CommandLine(tmp_path_factory.mktemp("demo"), "demo")
    warehouse.succeed("build")
    return warehouse
