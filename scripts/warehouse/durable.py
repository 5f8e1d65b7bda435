"""Files that are still there after a power cut: written beside their place, flushed to the disk, then renamed."""

import os
import shutil
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Writes a file in one step: readers see the old content or the new, and never a half."""
    half_written = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        half_written.write_text(text, encoding="utf-8")
        sync(half_written)
        half_written.replace(path)
    finally:
        half_written.unlink(missing_ok=True)
    sync(path.parent)


def point(link: Path, target: Path) -> None:
    """Makes a symbolic link point to a target beside it, in one step, whatever was there before."""
    next_link = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    next_link.unlink(missing_ok=True)
    copied = link.with_name(f".{link.name}.{os.getpid()}.old")
    try:
        next_link.symlink_to(target)
        if link.is_dir() and not link.is_symlink():  # a copy that took folders for links; only a link can be replaced
            link.rename(copied)
        next_link.replace(link)
    finally:
        next_link.unlink(missing_ok=True)
    sync(link.parent)
    shutil.rmtree(copied, ignore_errors=True)


def sync(path: Path) -> None:
    """Flushes a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Flushes everything in a folder to the disk, and the folder last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)
