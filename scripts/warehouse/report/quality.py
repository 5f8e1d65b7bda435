"""What is known about the quality of the data: what became of the raw rows, the checks, and where tables come from."""

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.publication import current_publication
from warehouse.report.tables import Rows, rows_of
from warehouse.workspace import Workspace

SHOWN_REJECTED = 500


@dataclass(frozen=True)
class Quality:
    """The quality of a publication.

    Attributes:
        reconciliation: raw rows by table, and what became of them.
        reasons: rejected rows by system, table and reason.
        rejected: the first rejected rows.
        rejected_count: how many there are.
        excluded: orders, returns and leads that are kept out of the figures, by reason.
        checks: the audit's checks, of the last build.
        upstream: description, parents and sources of each published table, where the last build left a manifest.
    """

    reconciliation: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    rejected_count: int
    excluded: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    upstream: dict[str, dict[str, Any]]

    @property
    def totals(self) -> dict[str, int]:
        """Raw rows, and how many were accepted, merged and rejected."""
        names = ("raw_rows", "accepted_rows", "merged_rows", "rejected_rows")
        return {name: sum(row[name] for row in self.reconciliation) for name in names}


def read_quality(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> Quality:
    """Reads it from the publication; checks are in its manifest, lineage is what the last build left beside it."""
    rejected = _dicts(
        connection,
        "select system_name, table_name, row_key, reason, detail, source_file, row_number from rejected_rows"
        " order by system_name, table_name, reason, row_key, row_number",
    )
    return Quality(
        reconciliation=_dicts(
            connection, "select * from reconciliation where raw_rows > 0 order by system_name, table_name"
        ),
        reasons=_dicts(
            connection,
            "select system_name, table_name, reason, count(*) as rows, min(detail) as example from rejected_rows"
            " group by all order by rows desc, system_name, table_name, reason",
        ),
        rejected=rejected[:SHOWN_REJECTED],
        rejected_count=len(rejected),
        excluded=_dicts(
            connection,
            """
            select fact, reason, count(*) as rows, sum(amount) as amount from (
                select 'orders' as fact, exclusion_reason as reason, net_amount as amount
                from fct_orders where not is_valid
                union all
                select 'returns', exclusion_reason, refund_amount from fct_returns where not is_valid
                union all
                select 'leads', exclusion_reason, null from fct_leads where not is_valid
                union all
                select 'quotes', exclusion_reason, base_amount from fct_quotes where not is_valid
            ) group by fact, reason order by fact, rows desc, reason
            """,
        ),
        checks=_checks(workspace),
        upstream=_upstream(workspace),
    )


def _checks(workspace: Workspace) -> list[dict[str, Any]]:
    published = current_publication(workspace)
    return published.manifest["checks"] if published else []


def _upstream(workspace: Workspace) -> dict[str, dict[str, Any]]:
    path = workspace.target / "manifest.json"
    if not path.is_file():
        return {}
    manifest = json.loads(path.read_text(encoding="utf-8"))
    nodes, sources = manifest["nodes"], manifest["sources"]

    def sources_of(key: str, seen: set[str]) -> set[str]:
        found = set()
        for parent in nodes.get(key, {}).get("depends_on", {}).get("nodes", []):
            if parent in sources:
                found.add(sources[parent]["source_name"])
            elif parent not in seen:
                seen.add(parent)
                if parent.startswith("seed."):
                    found.add(nodes[parent]["name"].partition("__")[0])
                found |= sources_of(parent, seen)
        return found

    return {
        node["name"]: {
            "id": key,
            "description": " ".join(node["description"].split()),
            "parents": sorted({nodes[p]["name"] for p in node["depends_on"]["nodes"] if p in nodes}),
            "sources": sorted(sources_of(key, set())),
        }
        for key, node in nodes.items()
        if node["resource_type"] == "model" and "marts" in node["fqn"]
    }


def _dicts(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found: Rows = rows_of(connection, query)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]
