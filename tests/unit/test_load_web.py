"""Files of the web are loaded like files of the disk, whole or not at all."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console
from warehouse.errors import WarehouseError
from warehouse.load.run import load_files
from warehouse.load.shown import Outcome
from warehouse.workspace import Workspace, WorkspaceSettings

ORDERS = b"order_id,account_id,ordered_at\n1,A,2025-01-03\n2,B,2025-01-04\n"
FILES = {"/orders.csv": ORDERS, "/export/orders.csv.gz": gzip.compress(ORDERS), "/page": b"<html></html>"}


class Shop(BaseHTTPRequestHandler):
    """A host that gives files; of those below /broken/ it promises more than it sends."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        content = FILES.get(path.removeprefix("/broken"))
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content or b"") + 1000 * path.startswith("/broken")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    settings = WorkspaceSettings(systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="UTC")
    return Workspace("web", settings, tmp_path)


def loaded(workspace: Workspace, *sources: str) -> list[Outcome]:
    return load_files(Console(quiet=True), workspace, "flat_file", list(sources), None, {}, dry_run=False)


def test_a_file_is_fetched_and_known_again(workspace: Workspace, host: str, tmp_path: Path) -> None:
    # what stands behind the question mark is for the host alone
    plain, packed = loaded(workspace, f"{host}/orders.csv?token=secret", f"{host}/export/orders.csv.gz")
    assert (plain.name, plain.batch.rows, plain.batch.status) == ("orders.csv", 2, "new")
    assert (packed.name, packed.batch.rows, packed.batch.status) == ("orders.csv.gz", 2, "new")
    on_disk = tmp_path / "orders.csv"
    on_disk.write_bytes(ORDERS)
    (again,) = loaded(workspace, str(on_disk))
    assert again.batch.path == plain.batch.path
    assert list(workspace.raw_lake.glob(".*")) == []
    assert not any(b"secret" in file.read_bytes() for file in workspace.raw_lake.rglob("*.parquet"))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gone.csv", "was not given: 404"),
        ("/broken/orders.csv", "broke off after 61 of 1,061 bytes"),
        ("/page", "does not end with the name of a CSV"),
    ],
)
def test_what_does_not_come_whole_is_refused(workspace: Workspace, host: str, path: str, reason: str) -> None:
    refused, sound = loaded(workspace, host + path, f"{host}/orders.csv")
    assert reason in refused.refusal and sound.batch.rows == 2
    assert len(list(workspace.raw_lake.rglob("*.parquet"))) == 1
    assert list(workspace.raw_lake.glob(".*")) == []


def test_no_host_and_no_password(workspace: Workspace) -> None:
    # port 9 discards, where it is served at all
    (refused,) = loaded(workspace, "http://127.0.0.1:9/orders.csv")
    assert "http://127.0.0.1:9/orders.csv cannot be fetched" in refused.refusal
    (refused,) = loaded(workspace, "https://me:secret@shop.example/orders.csv")
    assert "A password in the address" in refused.refusal and "secret@" not in refused.refusal
    with pytest.raises(WarehouseError, match="no file"):
        loaded(workspace, "orders_of_nowhere.csv")
