"""Plants one error at a time in ten models, and says which the tests catch: .venv/bin/python scripts/mutation_check.py.

Not part of `make test`, because it runs golden tests once for each error (about a minute each). Run it after a change
to the tests: an error that nothing catches is a number that nothing proves.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

PROJECT_ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "data", "logs", "target", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True)
class Mutation:
    """One planted error.

    Attributes:
        model: file below models/.
        sound: text that stands there once or more; the first is replaced.
        faulty: what it becomes.
        tests: files below tests/ that should see it.
    """

    model: str
    sound: str
    faulty: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation("marts/overview/kpi_board_measures.sql", "facts.is_valid", "true", ("golden/test_board.py",)),
    Mutation(
        "intermediate/orders/int_orders_validated.sql", "when orders.is_test then 'test'", "", ("golden/test_board.py",)
    ),
    Mutation(
        "intermediate/web/int_web_events_placed.sql", "occurred_at < previous", "occurred_at <= previous",
        ("golden/test_board.py",),
    ),
    Mutation(
        "intermediate/customers/int_account_losses.sql", "threshold_days + 1", "threshold_days",
        ("golden/test_customers.py",),
    ),
    Mutation(
        "marts/customers/kpi_revenue_bridge.sql", "greatest(", "least(", ("golden/test_customer_metrics.py",)
    ),
    Mutation("marts/marketing/kpi_email.sql", "event_name = 'open' and not is_by_machine", "event_name = 'open'",
             ("golden/test_marketing.py",)),
    Mutation(
        "marts/operations/steps/int_order_lines_fulfilled.sql", "> promised_on", ">= promised_on",
        ("golden/test_operations.py",),
    ),
    Mutation("intermediate/finance/int_receivables.sql", "days_past_due <= 30", "days_past_due < 30",
             ("golden/test_finance.py",)),
    Mutation("marts/sales/kpi_win_rate.sql", "outcome = 'won'", "outcome = 'lost'", ("golden/test_sales.py",)),
    Mutation("marts/service/kpi_satisfaction.sql", "score >= 9", "score >= 8", ("golden/test_service.py",)),
)  # fmt: skip


def is_caught(mutation: Mutation) -> bool:
    """Whether a test fails on a copy of the project with the error in it.

    Raises:
        ValueError: the sound text is not in the model any more.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(PROJECT_ROOT, copy, ignore=LEFT_OUT)
        model = copy / "models" / mutation.model
        text = model.read_text(encoding="utf-8")
        if mutation.sound not in text:
            raise ValueError(f"{mutation.model} does not contain '{mutation.sound}': choose another error.")
        model.write_text(text.replace(mutation.sound, mutation.faulty, 1), encoding="utf-8")
        process = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", *(f"tests/{test}" for test in mutation.tests)],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy / "scripts")},
            capture_output=True,
            check=False,
        )
        return process.returncode == 1


def main() -> None:
    """Runs all mutations; exit status 1 when one survives."""
    console = Console()
    survivors = [m for m in track(MUTATIONS, "Planting errors", console=console) if not is_caught(m)]
    for mutation in survivors:
        console.print(f"Nothing caught '{mutation.faulty}' for '{mutation.sound}' in {mutation.model}.")
    console.print(f"{len(MUTATIONS) - len(survivors)} of {len(MUTATIONS)} planted errors were caught.")
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
