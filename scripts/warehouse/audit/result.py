"""What a check answers."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["block", "warn", "info"]


@dataclass(frozen=True)
class CheckResult:
    """One check and how it ended.

    Attributes:
        name: `<table>.<check>`.
        severity: `block` stops the run, `warn` is shown after it, `info` is only listed and in the Data Docs.
        passed: whether the data keep the rule.
        reason: why the rule exists.
        examples: up to five offending rows or values, as text.
    """

    name: str
    severity: Severity
    passed: bool
    reason: str
    examples: list[str]
