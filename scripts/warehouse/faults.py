"""What is wrong with a disk, a folder or the memory, in words that a user can act on."""

import re
import shutil
from pathlib import Path

# As the operating system words it, within whatever Python, DuckDB or dbt put around it. A limit on the size of files
# (ulimit -f) ends like a full disk.
FULL = re.compile(r"No space left on device|Disk quota exceeded|File too large|max_temp_directory_size")
REFUSED = re.compile(r"Read-only file system|Permission denied|Operation not permitted")
OUT_OF_MEMORY = re.compile(r"Out of Memory Error|MemoryError|Cannot allocate memory")
DAMAGED = re.compile(
    r"not a valid DuckDB database file|Corrupt database file|does not match stored checksum"
    r"|database has been invalidated|Serialization Error|INTERNAL Error|read a database file with version number",
    re.IGNORECASE,
)


def advice(folder: Path, text: str) -> str | None:
    """What to do about an error of the operating system in a workspace's folder; nothing for any other error."""
    if FULL.search(text):
        return (
            f"The disk that holds {folder} is full ({_free(folder)} free). Make room, or set WAREHOUSE_DATA to another "
            "disk, then run again."
        )
    # that a file of the user's may not be read is another matter
    if REFUSED.search(text) and str(folder) in text:
        return f"Cannot write to {folder}. Make it writable, or set WAREHOUSE_DATA to another folder, then run again."
    if OUT_OF_MEMORY.search(text):
        return (
            "The memory did not suffice. WAREHOUSE_MEMORY_LIMIT bounds what DuckDB takes (4GB by default): raise it if "
            "the machine has more, lower it if other programs need theirs, then run again."
        )
    return None


def is_damaged(text: str) -> bool:
    """Whether an error says that a database file is damaged; a full disk says so too, and is not."""
    return bool(DAMAGED.search(text)) and not any(trouble.search(text) for trouble in (FULL, REFUSED, OUT_OF_MEMORY))


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:,.0f} MB"
    except OSError:
        return "unknown"
