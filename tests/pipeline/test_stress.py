"""Builds are killed at thirty random moments while eight processes read the publication.

What is covered: the real command line, pipeline, dbt, MetricFlow and Great Expectations, on a project of nine models
(tests/fixtures/small_project), because the whole project builds in minutes. Of the thirty kills, six come at any
moment of a build, two in the publishing stage of a build, and twenty-two in `warehouse publish`, where a kill could do
harm. Old and new publication are always of different data. Half of the kills take the whole process group, half
only the command, as the system does when memory runs out. One build in between is refused by its audit.

A build of the whole demo is killed in test_publication.py; publishing is killed at each of its steps in test_faults.py.
"""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import stress_reader
from small_project import ORDERS, SmallProject

SEED = 20260918
READERS = len(stress_reader.KINDS)
BUILD_KILLS, PUBLISHING_KILLS, PUBLISH_KILLS = 6, 2, 22
# It takes half of this on two free cores; CI runs other tests beside it.
LIMIT_SECONDS = 300
# What the orders of a load cost each; the third load is a mistake that the audit has to stop.
AMOUNTS = {1: 7, 2: 11, 3: -5}
AUDITED = {(load, ORDERS, ORDERS * AMOUNTS[load]) for load in (1, 2)}


def keep_working_database(small: SmallProject, name: str) -> None:
    """Keeps a working database that passed its audit, to have it again without building."""
    for file in ("working.duckdb", "audited.json"):
        shutil.copy2(small.folder / file, small.data / f"{name}_{file}")


def bring_back_working_database(small: SmallProject, name: str) -> None:
    for file in ("working.duckdb", "working.duckdb.wal", "audited.json"):
        (small.folder / file).unlink(missing_ok=True)
    for file in ("working.duckdb", "audited.json"):
        shutil.copy2(small.data / f"{name}_{file}", small.folder / file)


def wait_for_publishing(small: SmallProject, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        run = small.last_run()
        if run["pid"] == process.pid and run["stage"] == "publish":
            return
        time.sleep(0.005)


def kill(process: subprocess.Popen[str], whole_group: bool) -> bool:
    """Kills a command, with all that it started or alone. False if it had ended before."""
    if process.poll() is not None:
        return False
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    return process.returncode == -signal.SIGKILL


@contextmanager
def eight_readers(small: SmallProject, looks: Path) -> Iterator[None]:
    """Eight processes that read, each in its own way; none may have ended with an error when they are told to stop."""
    looks.mkdir()
    readers = []
    for kind in range(READERS):
        command = [sys.executable, stress_reader.__file__, str(small.folder), str(kind), str(looks / f"{kind}.jsonl")]
        with (looks / f"{kind}.error").open("w") as error:
            readers.append(subprocess.Popen(command, env=small.environment, stderr=error))
    try:
        yield
        (looks / "stop").touch()
        for kind, reader in enumerate(readers):
            assert reader.wait(timeout=120) == 0, (looks / f"{kind}.error").read_text()
    finally:
        for reader in readers:
            reader.kill()


def what_they_saw(looks: Path) -> list[Counter[tuple[int, int, int]]]:
    """Load, orders and amount, and how often each reader saw them."""
    return [
        Counter(tuple(json.loads(line)) for line in (looks / f"{kind}.jsonl").read_text().splitlines())
        for kind in range(READERS)
    ]


def test_builds_killed_at_thirty_moments_while_eight_read(tmp_path: Path) -> None:
    started = time.monotonic()
    small = SmallProject.copied_to(tmp_path)
    used_before = resource.getrusage(resource.RUSAGE_CHILDREN)
    chance = random.Random(SEED)

    # two undisturbed builds, of different data: what there is to compare with
    contents = {}
    for load in (1, 2):
        small.load(load, AMOUNTS[load])
        small.succeed("build")
        build_seconds = small.last_run()["seconds"]
        keep_working_database(small, f"load{load}")
        contents[load] = small.manifest()["content"]
    assert contents[1] != contents[2]

    with eight_readers(small, tmp_path / "looks"):
        small.succeed("publish")
        publish_seconds = small.last_run()["seconds"]

        kinds = ["build"] * BUILD_KILLS + ["publishing"] * PUBLISHING_KILLS + ["publish"] * PUBLISH_KILLS
        chance.shuffle(kinds)
        killed: Counter[str] = Counter()
        stages: Counter[str] = Counter()
        became_current: Counter[bool] = Counter()
        for number, kind in enumerate(kinds):
            is_counted = False
            while not is_counted:
                # the data that is not published now
                load = next(load for load in (1, 2) if contents[load] != small.manifest()["content"])
                before = small.manifest()["build"]["id"]
                if kind == "publish":
                    bring_back_working_database(small, f"load{load}")
                    process = small.start("publish")
                    wait_for_publishing(small, process)
                    time.sleep(chance.uniform(0, 0.9 * publish_seconds))
                else:
                    small.load(load, AMOUNTS[load])
                    process = small.start("build")
                    if kind == "publishing":
                        wait_for_publishing(small, process)
                        time.sleep(chance.uniform(0, 0.9 * publish_seconds))
                    else:
                        time.sleep(chance.uniform(0, build_seconds))
                is_counted = kill(process, whole_group=bool(number % 2))
                assert is_counted or process.returncode == 0, process.stdout.read()
                process.stdout.close()
                if not is_counted and kind == "build":
                    build_seconds *= 0.9
                elif not is_counted:
                    publish_seconds *= 0.9
            killed[kind] += 1
            stages[small.last_run()["stage"]] += 1
            became_current[small.manifest()["build"]["id"] != before] += 1
            if number == 15:
                small.load(3, AMOUNTS[3])
                refused = small.run("build")
                assert refused.returncode == 1 and "The audit failed" in refused.stdout, refused.stdout

        # the next build needs no help, and says what the undisturbed one said, to the byte
        small.load(1, AMOUNTS[1])
        small.succeed("build")
        assert small.manifest()["content"] == contents[1]

    seen = what_they_saw(tmp_path / "looks")
    for kind, counted in zip(stress_reader.KINDS, seen, strict=True):
        assert set(counted) <= AUDITED, kind.__name__
    assert {look for counted in seen for look in counted} == AUDITED
    seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = used.ru_utime + used.ru_stime - used_before.ru_utime - used_before.ru_stime
    print(
        f"{seconds:.0f} s, {cpu_seconds:.0f} s of CPU; a build takes {build_seconds:.0f} s\n"
        f"kills {dict(killed)}, at stages {dict(stages)}, {became_current[True]} when the new one was current already\n"
        f"looks {[sum(counted.values()) for counted in seen]}"
    )
    assert sum(killed.values()) == 30
    assert sum(sum(counted.values()) for counted in seen) > 500
    # nothing is left of the killed ones
    assert [path.name for path in small.folder.glob(".*")] == []
    assert [path.name for path in (small.folder / "publications").glob(".*")] == []
    assert seconds < LIMIT_SECONDS
