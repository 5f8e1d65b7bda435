"""Files at a web address: fetched beside the raw lake, then read like any other file."""

import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from warehouse.errors import WarehouseError
from warehouse.load.readers import FILE_SUFFIXES, kind_of

SCHEMES = ("http", "https")
TIMEOUT_SECONDS = 60
BLOCK_BYTES = 1 << 20


def is_web_address(text: str) -> bool:
    """Whether a user means a file of the web."""
    return urlsplit(text).scheme.lower() in SCHEMES


def name_of(address: str) -> str:
    """The name of the file at an address, without what stands behind the question mark: it may be a secret."""
    return Path(unquote(urlsplit(address).path)).name


@contextmanager
def fetched(address: str, folder: Path, progress: Callable[[float], None] = lambda _: None) -> Iterator[Path]:
    """A file of the web in a folder, for as long as it is read.

    Args:
        address: beginning with http:// or https://, ending with the name of a file.
        folder: made for it, and gone afterwards.
        progress: is told now and then which share has come, where the server says how much there is.

    Raises:
        WarehouseError: it is no such address, or the file did not come whole.
    """
    parts = urlsplit(address)
    name = name_of(address)
    if parts.password or parts.username:
        raise WarehouseError(
            "A password in the address would stay in the shell's history."
            " Download the file, then load it from the disk."
        )
    if kind_of(Path(name)) not in FILE_SUFFIXES:
        raise WarehouseError(
            f"{_shown(parts)} does not end with the name of a CSV, TSV, JSON lines or Parquet file."
            " Download it under such a name, then load it from the disk."
        )
    folder.mkdir(parents=True)
    try:
        path = folder / name
        _download(address, parts, path, progress)
        yield path
    finally:
        shutil.rmtree(folder)


def _download(address: str, parts: SplitResult, path: Path, progress: Callable[[float], None]) -> None:
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer, path.open("wb") as file:
            expected = int(answer.headers.get("Content-Length") or 0)
            while block := answer.read(BLOCK_BYTES):
                file.write(block)
                if expected:
                    progress(file.tell() / expected)
            received = file.tell()
    except urllib.error.HTTPError as error:
        raise WarehouseError(f"{_shown(parts)} was not given: {error.code} {error.reason}.") from error
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise WarehouseError(f"{_shown(parts)} cannot be fetched: {getattr(error, 'reason', error)}.") from error
    if received < expected:
        raise WarehouseError(
            f"{_shown(parts)} broke off after {received:,} of {expected:,} bytes; nothing was loaded. Try again."
        )


def _shown(parts: SplitResult) -> str:
    # whoever an address names beside the host may be a secret
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
