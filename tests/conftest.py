"""Fixtures shared by all tests.

What takes long is made once in a run of pytest, also when several processes share it (`pytest -n 2`): the first that
needs it makes it in a folder that all of them see, the others wait.
"""

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import CommandLine
from compiled import CompiledProject, compile_project
from filelock import FileLock
from once import MakeOnce
from warehouse.manifest import Manifest, parse_project

# Tables are printed whole, whatever the terminal that tests run in; read when the command line is imported.
os.environ["COLUMNS"] = "200"

pytest_plugins = ["chromium"]

PROJECT_ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("WAREHOUSE_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))


# Files whose tests take minutes each. At the end, one process would wait for the other's.
BUILDERS = (
    "test_stress.py", "test_newcomer.py", "test_publication.py", "test_any_company.py", "test_reconciliation.py",
    "test_privacy_of_publications.py", "test_new_system_by_command.py", "test_tutorial.py", "test_demo_large.py",
    "test_faults.py", "test_benchmark.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first, which two processes then share evenly (`--no-loadscope-reorder`)."""
    place = {name: position for position, name in enumerate(BUILDERS)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    """What dbt knows of the project, with every system enabled."""
    return parse_project()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Makes a folder by a function, once for all processes of this run, and returns it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        folder, made = shared / name, shared / f"{name}.made"
        with FileLock(shared / f"{name}.lock"):
            if not made.exists():
                # what a process left that failed half way
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                made.touch()
        return folder

    return make_once


def compile_once(made_once: MakeOnce, name: str, **settings: object) -> CompiledProject:
    """Compiles the project for some settings, once for all processes."""

    def make(folder: Path) -> None:
        (folder / "project.pickle").write_bytes(pickle.dumps(compile_project(folder, **settings)))

    return pickle.loads((made_once(name, make) / "project.pickle").read_bytes())


@pytest.fixture(scope="session")
def compiled_project(made_once: MakeOnce) -> CompiledProject:
    """The project compiled for a company in Warsaw that reports in PLN."""
    return compile_once(made_once, "compiled")


@pytest.fixture(scope="session")
def small_numbers_project(made_once: MakeOnce) -> CompiledProject:
    """The same for a company that takes two cases for enough (min_reportable_n)."""
    variables = {"source_timezones": {"flat_file": "Europe/Warsaw"}, "min_reportable_n": 2}
    return compile_once(made_once, "compiled_for_small_numbers", variables=variables)


@pytest.fixture(scope="session")
def online_retail_file() -> Path:
    """The UCI Online Retail data set; tests that need it skip where it is absent."""
    path = SHARED_DATA / "online_retail" / "online_retail.parquet"
    if not path.is_file():
        pytest.skip(f"{path} is absent; set WAREHOUSE_SHARED_DATA to the folder that holds online_retail/")
    return path


@pytest.fixture(scope="session")
def demo(made_once: MakeOnce) -> CommandLine:
    """The demo company, built and published: to be read, not written. `build.txt` is what the build said."""
    # by scripts/test.sh, a minute ago
    built = os.environ.get("WAREHOUSE_BUILT_DEMO")
    if built:
        return CommandLine(Path(built), "demo")

    def make(folder: Path) -> None:
        output = CommandLine(folder, "demo").succeed("build")
        (folder / "build.txt").write_text(output, encoding="utf-8")

    return CommandLine(made_once("demo", make), "demo")


@pytest.fixture(scope="session")
def online_retail(made_once: MakeOnce, online_retail_file: Path) -> CommandLine:
    """The workspace online_retail, loaded, built and published."""

    def make(folder: Path) -> None:
        warehouse = CommandLine(folder, "online_retail")
        warehouse.succeed("load", "online_retail", str(online_retail_file))
        warehouse.succeed("build")

    return CommandLine(made_once("online_retail", make), "online_retail")


@pytest.fixture(scope="module")
def demo_to_work_on(demo: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A copy of the demo's data, for tests that build, publish or break something."""
    folder = tmp_path_factory.mktemp("demo_to_work_on")
    shutil.copytree(demo.data, folder, symlinks=True, dirs_exist_ok=True)
    return CommandLine(folder, "demo")
