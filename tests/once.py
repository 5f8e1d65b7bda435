"""The type of the fixture `made_once`, for fixtures that use it."""

from collections.abc import Callable
from pathlib import Path

MakeOnce = Callable[[str, Callable[[Path], None]], Path]
