"""Database servers of Debian, each private to a test: its own folder, a free port of the loopback, a password."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

PASSWORD = "p@ss/w:rd"
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server with one empty database named shop."""

    url: sa.URL

    def run(self, *statements: str) -> None:
        """Runs statements, each committed."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    @property
    def address(self) -> str:
        """What a user would write: no password, no driver."""
        kind = self.url.get_backend_name()
        return f"{kind}://{self.url.username}@{self.url.host}:{self.url.port}/{self.url.database}"


@contextmanager
def postgres() -> Iterator[Server]:
    """PostgreSQL."""
    programs = _installed("postgresql", "/usr/lib/postgresql", "*/bin/initdb").parent
    with _folder("postgres") as (folder, user):
        (folder / "password").write_text(PASSWORD)
        _give((folder / "password"), user)
        data, port = folder / "data", _free_port()
        setup = [programs / "initdb", "-D", data, "-U", "shop", "-A", "scram-sha-256", "--pwfile", folder / "password",
                 "-E", "UTF8", "--locale", "C"]  # fmt: skip
        subprocess.run(setup, user=user, check=True, capture_output=True, cwd=folder)
        url = sa.URL.create("postgresql+psycopg", "shop", PASSWORD, "127.0.0.1", port, "postgres")
        command = [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
        with _running(command, user, folder, url):
            Server(url).run("create database shop")
            yield Server(url.set(database="shop"))


@contextmanager
def mariadb() -> Iterator[Server]:
    """MariaDB."""
    setup = _installed("mariadb-server", "/usr/bin", "mariadb-install-db")
    with _folder("mysql") as (folder, user):
        data, port = folder / "data", _free_port()
        subprocess.run(
            [setup, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"],
            user=user, check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        first = folder / "first.sql"
        escaped = PASSWORD.replace("'", "''")
        first.write_text(
            f"create database shop;\ncreate user shop@'127.0.0.1' identified by '{escaped}';\n"
            "grant all on shop.* to shop@'127.0.0.1';\n"
        )
        _give(first, user)
        url = sa.URL.create("mariadb+pymysql", "shop", PASSWORD, "127.0.0.1", port, "shop")
        command = [
            Path("/usr/sbin/mariadbd"), "--no-defaults", f"--datadir={data}", "--bind-address=127.0.0.1",
            "--skip-name-resolve", f"--port={port}", f"--socket={folder / 'socket'}", f"--init-file={first}",
        ]  # fmt: skip
        with _running(command, user, folder, url):
            yield Server(url)


def _installed(package: str, folder: str, program: str) -> Path:
    """A program of a Debian package, installed where that may be done; else the test skips."""
    find: Callable[[], list[Path]] = lambda: sorted(Path(folder).glob(program))  # noqa: E731
    if not find() and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", package],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, capture_output=True, check=False, timeout=300,
        )  # fmt: skip
    if not find():
        pytest.skip(f"install Debian's package {package} (apt-get install {package}) to run this test")
    return find()[-1]


@contextmanager
def _folder(server_user: str) -> Iterator[tuple[Path, str | None]]:
    """A folder of the user that the server runs as: no server runs as root."""
    user = server_user if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        _give(Path(name), user)
        yield Path(name), user


def _give(path: Path, user: str | None) -> None:
    if user:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


@contextmanager
def _running(command: Sequence[str | Path], user: str | None, folder: Path, url: sa.URL) -> Iterator[None]:
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, user=user, stdout=log, stderr=log, cwd=folder) as process,
    ):
        try:
            _wait(process, url, folder / "log")
            yield
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], url: sa.URL, log: Path) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            engine.connect().close()
            return
        except sa.exc.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(log.read_text(errors="replace")) from None
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
