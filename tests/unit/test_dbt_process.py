"""dbt as the warehouse starts it logs what any log asks for."""

from io import StringIO

import pytest
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.logger import LoggerConfig
from dbt_common.events.types import Note
from warehouse import dbt_process
from warehouse.dbt_process import WhatIsLogged


def logged(*levels: EventLevel) -> list[str]:
    """Fires a detail and something worth knowing at logs of these levels; returns what each wrote."""
    manager, streams = WhatIsLogged(), [StringIO() for _ in levels]
    for number, (level, stream) in enumerate(zip(levels, streams, strict=True)):
        manager.add_logger(LoggerConfig(name=f"log {number}", level=level, output_stream=stream))
    manager.fire_event(Note(msg="a detail"), EventLevel.DEBUG)
    manager.fire_event(Note(msg="a result"), level=EventLevel.INFO)
    return [stream.getvalue() for stream in streams]


def test_details_go_to_the_logs_that_take_them() -> None:
    for said in logged(EventLevel.INFO):
        assert "a result" in said and "a detail" not in said
    of_info, of_details = logged(EventLevel.INFO, EventLevel.DEBUG)
    assert "a result" in of_info and "a detail" not in of_info
    assert "a result" in of_details and "a detail" in of_details


def test_an_event_that_no_log_takes_is_not_even_worded(monkeypatch: pytest.MonkeyPatch) -> None:
    worded = []
    monkeypatch.setattr(Note, "message", lambda event: worded.append(event.msg) or event.msg)
    logged(EventLevel.INFO)
    assert worded == ["a result"]


def test_an_event_becomes_a_message_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("__init__", "__getattr__", "__setattr__"):
        monkeypatch.setattr(BaseEvent, name, getattr(BaseEvent, name))
    made, make = [], dbt_process.make_message
    monkeypatch.setattr(
        dbt_process, "make_message", lambda event, **named: made.append(named["msg"]) or make(event, **named)
    )
    dbt_process.make_messages_when_read()
    (of_info,) = logged(EventLevel.INFO)
    assert "a result" in of_info
    assert made == ["a result"]
    (of_details,) = logged(EventLevel.DEBUG)
    assert "a result" in of_details and "a detail" in of_details
    note = Note(msg="before")
    note.msg = "after"
    assert note.msg == note.to_dict()["msg"] == "after"
