"""A browser for the tests of pages: Debian's Chromium, which is installed where it may be. One a process."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from once import MakeOnce
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser(made_once: MakeOnce) -> Iterator[Browser]:
    """Chromium without a window, in a profile of its own."""
    made_once("chromium", _install_chromium)
    if not CHROMIUM.exists():
        pytest.skip("Chromium is absent; on Debian and Ubuntu: apt install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def _install_chromium(folder: Path) -> None:
    """Debian's package, where this is root on Debian; elsewhere the tests say what to install."""
    if CHROMIUM.exists() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update -qq", "apt-get install -qq --yes --no-install-recommends chromium"):
        log = folder / "apt.log"
        with log.open("a", encoding="utf-8") as output:
            subprocess.run(command.split(), env=environment, stdout=output, stderr=output, check=False)
