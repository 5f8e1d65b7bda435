"""The program `dbt`, which does less that nobody asked for: python -m warehouse.dbt_process build ...

Measured on builds of the demo on two cores, each in one run:

- dbt holds a manifest of a million objects to its end, and Python's garbage collector goes through them again and
  again: 11 of 70 seconds.
- Several events a statement are made into messages, their secrets struck out, and written as lines, before it turns
  out that no log wants them: 6 of 58 seconds of processor time.
- At each node dbt writes its statement to the file that holds it from the last run, looks for each of 700 macros in
  five places, and for each query makes the types that its result is read by: 37 ms a node with these, 28 without.
- Twice at each node it makes all of these macros callable, each an object that only the garbage collector can free,
  and copies them to render a variable or an argument of a test: 40 to 43 s for the 875 nodes with this, 35 to 36
  without, three builds of each by turns.
"""

import gc
from collections import UserDict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from dbt.cli.main import cli
from dbt.clients.jinja import MacroGenerator, get_rendered
from dbt.context.base import Var
from dbt.context.configured import ConfiguredContext
from dbt.context.macro_resolver import TestMacroNamespace
from dbt.context.macros import MacroNamespace
from dbt.context.manifest import ManifestContext
from dbt.contracts.graph import nodes
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzTemplate, NativeSandboxTemplate
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


write_file = nodes.write_file
macros_one_by_one = ManifestContext.to_dict
make_types = lru_cache(maxsize=None)(agate_helper.build_type_tester)


def write_if_changed(path: str, contents: str = "") -> bool:
    """A file that holds the statement already stays as it is."""
    try:
        if Path(path).read_text(encoding="utf-8") == str(contents):
            return True
    except (OSError, UnicodeError):
        pass
    return write_file(path, contents)


class Names(UserDict[str, Any]):
    """What a node's code can name: of 700 macros it calls some twenty, and each becomes callable when it is named."""

    def __init__(self, make_callable: Callable[[nodes.Macro], Any], members: Mapping[str, Any]) -> None:
        super().__init__()
        self.make_callable = make_callable
        self.data.update(members)

    def __getitem__(self, name: str) -> Any:
        member = self.data[name]
        if isinstance(member, nodes.Macro):
            member = self.data[name] = self.make_callable(member)
        return member


def name_macros(self: ManifestContext) -> MacroNamespace:
    """Where macros are found, as in dbt: it depends on their packages alone."""
    builder = self._get_namespace_builder()
    self._ctx = Names(lambda macro: MacroGenerator(macro, self._ctx, builder.node, builder.thread_ctx), {})
    by_package = self.manifest.get_macros_by_package()
    internal: dict[str, nodes.Macro] = {}
    for package in reversed(builder.internal_package_names_order):
        internal.update(by_package.get(package, {}))
    packages = {
        package: Names(self._ctx.make_callable, macros)
        for package, macros in by_package.items()
        if package not in builder.internal_package_names
    }
    return MacroNamespace(
        global_namespace=packages.get(builder.root_package, {}),
        local_namespace=packages.get(builder.search_package, {}),
        global_project_namespace=Names(self._ctx.make_callable, internal),
        packages=packages,
    )


def macros_at_once(self: ManifestContext) -> Any:
    """All that a node's code can name: of macros of one name the first in dbt's order of places counts."""
    if isinstance(self.namespace, TestMacroNamespace):
        return macros_one_by_one(self)
    names = ConfiguredContext.to_dict(self)
    for place in reversed(list(self.namespace._search_order())):
        names.data.update(place.data if isinstance(place, Names) else place)
    return names


def value_of(self: Var, name: str) -> Any:
    """The value of a variable; dbt copies all names for it, although a text without templates asks for none."""
    value = self._merged[name]
    return get_rendered(value, self._context) if isinstance(value, str) else value


def types_of(text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")) -> Any:
    """The types that a result is read by, made once for results with the same columns."""
    return make_types(tuple(text_columns), None if string_null_values is None else tuple(string_null_values))


def repeat_nothing() -> None:
    """From now on dbt does not do again for each node what comes out as before."""
    nodes.write_file = write_if_changed
    ManifestContext._build_namespace, ManifestContext.to_dict = name_macros, macros_at_once
    # looks names up where they are, as dbt's other kind of template does, instead of copying all of them
    NativeSandboxTemplate.new_context = MacroFuzzTemplate.new_context
    Var.get_rendered_var = value_of
    agate_helper.build_type_tester = types_of


if __name__ == "__main__":
    gc.set_threshold(YOUNGEST, 10, 100)
    ctx_set_event_manager(WhatIsLogged())
    make_messages_when_read()
    repeat_nothing()
    cli()
