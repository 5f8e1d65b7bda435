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


make_message = BaseEvent.__init__


def _keep(self: BaseEvent, *arguments: Any, **named: Any) -> None:
    object.__setattr__(self, "_said", (arguments, named))


def _read(self: BaseEvent, name: str) -> Any:
    if name == "pb_msg":
        arguments, named = object.__getattribute__(self, "_said")
        make_message(self, *arguments, **named)
        return object.__getattribute__(self, name)
    return getattr(self.pb_msg, name)


def _write(self: BaseEvent, name: str, value: Any) -> None:
    if name == "pb_msg":
        object.__setattr__(self, name, value)
    else:
        setattr(self.pb_msg, name, value)


def make_messages_when_read() -> None:
    """From now on an event of dbt's is made into its message when somebody asks what it says, most never."""
    BaseEvent.__init__, BaseEvent.__getattr__, BaseEvent.__setattr__ = _keep, _read, _write


if __name__ == "__main__":
    gc.set_threshold(YOUNGEST, 10, 100)
    ctx_set_event_manager(WhatIsLogged())
    make_messages_when_read()
    cli()
