"""Which models do the work that is measured: told by dbt's manifest, so that it holds however they are cut."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.workspace import Workspace

RAW_EVENTS = "demo_web.events"
SESSIONS_AND_EVENTS = ("fct_sessions", "fct_web_events")
FACTS = (*SESSIONS_AND_EVENTS, "fct_carts", "fct_touchpoints")
# It reads the events for one number, the day all numbers are stated for, and hands nothing else on. The whole company
# depends on that day, and would be a part of the web by it.
ONE_NUMBER = "int_as_of"


@dataclass(frozen=True)
class WebPart:
    """The models between the raw web events and the facts.

    Attributes:
        models: of all four facts: what the floor does too.
        sessions_and_events: of two of them: what Polars and pandas do too.
    """

    models: tuple[str, ...]
    sessions_and_events: tuple[str, ...]


def web_part(workspace: Workspace) -> WebPart:
    """Reads the manifest of the last dbt command."""
    manifest = json.loads((workspace.target / "manifest.json").read_text(encoding="utf-8"))
    return web_part_of(manifest)


def web_part_of(manifest: Mapping[str, Any]) -> WebPart:
    """The models that lie both below the raw events and above the facts, the facts included."""
    ids = {node.split(".", 2)[2]: node for node in (*manifest["nodes"], *manifest["sources"])}
    below = _reached(manifest["child_map"], [ids[RAW_EVENTS]], stop=ids.get(ONE_NUMBER))
    return WebPart(
        *(
            tuple(sorted(
                node.split(".", 2)[2]
                for node in below & _reached(manifest["parent_map"], [ids[fact] for fact in facts])
                if node.startswith("model.")
            ))
            for facts in (FACTS, SESSIONS_AND_EVENTS)
        )
    )  # fmt: skip


def _reached(edges: Mapping[str, Sequence[str]], starts: Iterable[str], stop: str | None = None) -> set[str]:
    reached, waiting = set(), list(starts)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += [] if node == stop else edges.get(node, [])
    return reached
