"""dbt as the warehouse starts it: it logs what any log asks for, and gives what dbt gives without doing it twice."""

import os
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.clients.jinja import MacroGenerator, MacroStack, get_rendered
from dbt.context.base import Var
from dbt.context.configured import ConfiguredContext
from dbt.context.macros import MacroNamespaceBuilder
from dbt.context.manifest import ManifestContext
from dbt.contracts.graph.nodes import Macro
from dbt.exceptions import RequiredVarNotFoundError
from dbt.node_types import NodeType
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzTemplate, NativeSandboxTemplate
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.logger import LoggerConfig
from dbt_common.events.types import Note
from warehouse import dbt_process
from warehouse.dbt_process import Names, WhatIsLogged, macros_at_once, name_macros, types_of, value_of, write_if_changed


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


def macro(package: str, name: str, answer: str) -> Macro:
    """A macro that answers with a text, or with what another macro says, `{{ ... }}`."""
    return Macro(
        name=name, resource_type=NodeType.Macro, package_name=package, path="m.sql", original_file_path="macros/m.sql",
        unique_id=f"macro.{package}.{name}", macro_sql=f"{{% macro {name}() %}}{answer}{{% endmacro %}}",
    )  # fmt: skip


MACROS = {
    "ours": {
        "a": macro("ours", "a", "ours"),
        "asks": macro("ours", "asks", "{{ a() }} {{ dbt.b() }} {{ other.a() }} {{ c() }} {{ text }}"),
    },
    "other": {"a": macro("other", "a", "other"), "b": macro("other", "b", "other")},
    # a macro hides what dbt itself calls `var`, and the package `other` a macro of its name
    "dbt": {name: macro("dbt", name, "dbt") for name in ("a", "b", "c", "var", "other")},
    "dbt_duckdb": {"c": macro("dbt_duckdb", "c", "duckdb")},
}


def context_of(package: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A context of dbt's for a node of a package; `ours` is the project."""

    class Context(ManifestContext):
        def _get_namespace_builder(self) -> MacroNamespaceBuilder:
            return MacroNamespaceBuilder("ours", package, MacroStack(), ["dbt_duckdb", "dbt"], None)

    def to_dict(context: ManifestContext) -> Any:
        context._ctx.update({"context": context._ctx, "var": "dbt's own", "text": "as it is"})
        return context._ctx

    monkeypatch.setattr(ConfiguredContext, "to_dict", to_dict)
    context: Any = Context.__new__(Context)
    context._ctx, context.manifest = {}, SimpleNamespace(get_macros_by_package=lambda: MACROS)
    context.namespace = context._build_namespace()
    return context


def said_by(names: Any) -> dict[str, Any]:
    """What each name gives when it is asked for: macros are called."""
    return {name: names[name]() if callable(names[name]) else names[name] for name in names if name != "context"}


@pytest.mark.parametrize("package", ["ours", "other", "dbt"])
def test_the_macro_that_dbt_finds_is_found(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of_dbt = context_of(package, monkeypatch)
    as_dbt = of_dbt.to_dict()
    assert type(as_dbt) is dict
    monkeypatch.setattr(ManifestContext, "_build_namespace", name_macros)
    monkeypatch.setattr(ManifestContext, "to_dict", macros_at_once)
    context = context_of(package, monkeypatch)
    names = context.to_dict()
    assert isinstance(names, Names) and names["context"] is names
    packages = ("ours", "other", "dbt")
    assert set(names) == set(as_dbt)
    expected = said_by({name: as_dbt[name] for name in as_dbt if name not in packages})
    assert said_by({name: names[name] for name in names if name not in packages}) == expected
    for name in packages:
        assert said_by(names[name]) == said_by(as_dbt[name])
    assert context.namespace.get_from_package(None, "a")() == of_dbt.namespace.get_from_package(None, "a")()
    assert context.namespace.get_from_package("dbt", "c")() == "duckdb"
    assert context.namespace.get_from_package("other", "c") is None
    first = "other" if package == "other" else "ours"
    assert names["asks"]() == f"{first} dbt other duckdb as it is"


def test_only_what_is_named_becomes_callable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ManifestContext, "_build_namespace", name_macros)
    monkeypatch.setattr(ManifestContext, "to_dict", macros_at_once)
    names = context_of("ours", monkeypatch).to_dict()
    assert {type(member) for name, member in names.data.items() if name in ("a", "b", "c")} == {Macro}
    assert names["a"] is names["a"] and names.get("nothing") is None and "b" in names
    assert isinstance(names.data["a"], MacroGenerator) and isinstance(names.data["b"], Macro)
    # however it is copied, nobody sees what cannot be called
    for copied in (dict(names), {**names}, dict(names.items()), {"b": names.get("b")}, {"b": names.pop("b")}):
        assert isinstance(copied["b"], MacroGenerator)


def test_a_variable_is_rendered_with_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"plain": "as it is", "number": 7, "none": None, "named": "{{ who() }} {{ other.there }}"}
    context = {"who": lambda: "she", "other": {"there": "here"}}
    as_dbt = [Var(context, values)(name) for name in values]
    monkeypatch.setattr(Var, "get_rendered_var", value_of)
    assert [Var(context, values)(name) for name in values] == as_dbt == ["as it is", 7, None, "she here"]
    with pytest.raises(RequiredVarNotFoundError, match="absent"):
        Var(context, values)("absent")


def test_arguments_of_tests_are_rendered_without_a_copy_of_all_names(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["{{ count }}", "{{ who() }}", "{{ [1, count] }}", "'7'", "{{ missing }}", "{% set x = 2 %}{{ x }}"]
    context = {"count": 5, "who": lambda: "she"}
    as_dbt = [get_rendered(text, context, native=True) for text in texts]
    monkeypatch.setattr(NativeSandboxTemplate, "new_context", MacroFuzzTemplate.new_context)
    assert [get_rendered(text, context, native=True) for text in texts] == as_dbt
    assert as_dbt[:3] == [5, "she", [1, 5]]


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
