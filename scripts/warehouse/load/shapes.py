"""What a value looks like: in which format a time is written, and with which marks a number."""

import re
from collections.abc import Iterable
from datetime import datetime

DAY_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y",
    "%m/%d/%y", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
TIME_FORMATS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
ALL_FORMATS = tuple(day + time for day in DAY_FORMATS for time in TIME_FORMATS)
# what staging reads without being told
ISO_TIME = re.compile(r"\d{4}[-/]\d\d?[-/]\d\d?([ T]\d\d?:\d\d(:\d\d(\.\d+)?)?\s*(Z|UTC|[+-]\d\d(:?\d\d)?)?)?")
PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
SIGNS = "$€£¥ \u00a0\u202f"
COMMA_NUMBER = re.compile(r"[+-]?\d{1,3}([. ]\d{3})*,\d+|[+-]?\d+,\d+")
THOUSANDS_NUMBER = re.compile(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?")


def timestamp_formats(values: Iterable[str]) -> list[str]:
    """The formats that read every value; of day and month in either order both, unless a value tells."""
    texts = [value.strip() for value in values]
    if not texts:
        return []
    return [pattern for pattern in ALL_FORMATS if all(reads(pattern, text) for text in texts)]


def reads(pattern: str, text: str) -> bool:
    """Whether a text is a time in a format."""
    try:
        datetime.strptime(text.strip(), pattern)
    except ValueError:
        return False
    return True


def is_number(text: str) -> bool:
    """Whether a text is a number, in whatever style."""
    bare = text.strip(SIGNS)
    return any(style.fullmatch(bare) for style in (PLAIN_NUMBER, COMMA_NUMBER, THOUSANDS_NUMBER))


def has_decimal_comma(values: Iterable[str]) -> bool:
    """Whether these are numbers with a decimal comma."""
    texts = [value.strip(SIGNS) for value in values]
    return any(COMMA_NUMBER.fullmatch(text) and not THOUSANDS_NUMBER.fullmatch(text) for text in texts) and all(
        COMMA_NUMBER.fullmatch(text) or re.fullmatch(r"[+-]?\d{1,3}([. ]\d{3})*|[+-]?\d+", text) for text in texts
    )


def has_signs(values: Iterable[str]) -> bool:
    """Whether these are numbers with currency signs or marks between thousands, which have to go."""
    texts = list(values)
    return all(
        PLAIN_NUMBER.fullmatch(text.strip(SIGNS)) or THOUSANDS_NUMBER.fullmatch(text.strip(SIGNS)) for text in texts
    ) and any(not PLAIN_NUMBER.fullmatch(text.strip()) for text in texts)
