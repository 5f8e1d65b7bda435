"""The program `dbt`, which does less that nobody asked for: python -m warehouse.dbt_process build ...

Measured on builds of the demo on two cores, each in one run:

- dbt holds a manifest of a million objects to its end, and Python's garbage collector goes through them again and
  again: 11 of 70 seconds.
- Several events a statement are made into messages, their secrets struck out, and written as lines, before it turns
  out that no log wants them: 6 of 58 seconds of processor time.
"""

import gc
from typing import Any

from dbt.cli.main import cli
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager

YOUNGEST = 200_000
DETAILS = {EventLevel.DEBUG, EventLevel.TEST}


class WhatIsLogged(EventManager):
    """Passes over details as long as no log takes details."""

    def fire_event(self, e: BaseEvent, level: EventLevel | None = None, *others: Any, **named: Any) -> None:
        """As in dbt."""
        if (level or e.level_tag()) in DETAILS and not any(logger.level in DETAILS for logger in self.loggers):
            return
        super().fire_event(e, level, *others, **named)


if __name__ == "__main__":
    gc.set_threshold(YOUNGEST, 10, 100)
    ctx_set_event_manager(WhatIsLogged())
    cli()
