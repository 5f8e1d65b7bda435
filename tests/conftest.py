"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from compiled import CompiledProject, compile_project

PROJECT_ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("WAREHOUSE_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def compiled_project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """The project compiled for a company in Warsaw that reports in PLN."""
    return compile_project(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="session")
def online_retail_file() -> Path:
    """The UCI Online Retail data set; tests that need it skip where it is absent."""
    path = SHARED_DATA / "online_retail" / "online_retail.parquet"
    if not path.is_file():
        pytest.skip(f"{path} is absent; set WAREHOUSE_SHARED_DATA to the folder that holds online_retail/")
    return path
