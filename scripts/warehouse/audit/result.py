"""What a check answers."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class CheckResult:
    """One check and how it ended.

    Attributes:
        name: `<table>.<check>`.
        severity: `block` stops the publication, `warn` does not.
        passed: whether the data keep the rule.
        reason: why the rule exists.
        examples: up to five offending rows or values, as text.
    """

    name: str
    severity: Literal["block", "warn"]
    passed: bool
    reason: str
    examples: list[str]
