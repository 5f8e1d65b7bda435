"""dbt as the warehouse starts it: it logs what any log asks for, and gives what dbt gives without doing it twice."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dbt.context.configured import ConfiguredContext
from dbt.context.macros import MacroNamespace
from dbt.context.manifest import ManifestContext
from dbt_common.clients import agate_helper
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.logger import LoggerConfig
from dbt_common.events.types import Note
from warehouse import dbt_process
from warehouse.dbt_process import WhatIsLogged, macros_at_once, types_of, write_if_changed


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


def test_a_file_that_holds_the_statement_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "compiled" / "model.sql"
    write_if_changed(str(file), "select 1")
    assert file.read_text(encoding="utf-8") == "select 1"
    os.utime(file, (1, 1))
    write_if_changed(str(file), "select 1")
    assert file.stat().st_mtime == 1
    for before in ("select 1", "select 22", "", b"\xff not a text"):
        file.write_bytes(before if isinstance(before, bytes) else before.encode())
        write_if_changed(str(file), "select 2")
        assert file.read_text(encoding="utf-8") == "select 2"


def test_of_macros_of_one_name_the_first_place_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConfiguredContext, "to_dict", lambda context: {"var": "dbt's", "ours": "dbt's"})
    context: Any = ManifestContext.__new__(ManifestContext)
    context.namespace = MacroNamespace(
        global_namespace={"a": "root", "b": "root"},
        local_namespace={"a": "local"},
        global_project_namespace={"a": "dbt", "b": "dbt", "c": "dbt", "ours": "dbt"},
        packages={"b": {"x": "package"}, "package": {"a": "package"}},
    )
    expected = {
        "var": "dbt's", "a": "local", "b": "root", "c": "dbt", "ours": "dbt", "package": {"a": "package"},
        "dbt": {"a": "dbt", "b": "dbt", "c": "dbt", "ours": "dbt"},
    }  # fmt: skip
    assert macros_at_once(context) == expected
    assert ManifestContext.to_dict(context) == expected


def test_results_are_read_by_the_same_types(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": "007", "note": "null", "day": "2026-01-31", "amount": 1}]

    def read() -> list[tuple[str, Any]]:
        table = agate_helper.table_from_data_flat(rows, ["id", "note", "day", "amount"])
        return [(type(column.data_type).__name__, column[0]) for column in table.columns]

    as_dbt = read()
    monkeypatch.setattr(agate_helper, "build_type_tester", types_of)
    assert read() == read() == as_dbt
    assert as_dbt[:2] == [("Text", "007"), ("Text", "null")]
    assert types_of(["a"]) is types_of(iter(["a"]))
    assert types_of(["a"]) is not types_of(["b"]) and types_of(["a"]) is not types_of(["a"], ())
