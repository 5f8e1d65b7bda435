"""MetricFlow in this process: the SQL of a metric, without the database that it is asked of."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

BY_MONTH = "metric_time__month"

# MetricFlow wants a schema before the name of a table; a publication has but one, and needs none.
_SCHEMA = "publication."

# It warns of each metric that dbt makes from a measure: dbt writes the measure's expression beside the measure.
logging.getLogger("metricflow_semantic_interfaces").setLevel(logging.ERROR)


class _Dialect:
    """Tells MetricFlow to write DuckDB's SQL. Nothing is ever run through it, so that no database is opened."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


class Semantics:
    """The semantic layer of one build."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        """Takes what dbt wrote to semantic_manifest.json; tables get the names they have in the publication."""
        published = json.loads(json.dumps(manifest))
        spines = published["project_configuration"]["time_spines"]
        for relation in (source["node_relation"] for source in [*published["semantic_models"], *spines]):
            relation["relation_name"] = _SCHEMA + relation["alias"]
        parsed = parse_manifest_from_dbt_generated_manifest(json.dumps(published))
        self._engine = MetricFlowEngine(SemanticManifestLookup(parsed), _Dialect())

    @classmethod
    def read(cls, target: Path) -> "Semantics":
        """The semantic layer that dbt left in its target folder."""
        return cls(json.loads((target / "semantic_manifest.json").read_text(encoding="utf-8")))

    def sql(self, metrics: Sequence[str], group_by: Sequence[str] = (BY_MONTH,)) -> str:
        """The query for metrics, grouped and ordered by dimensions, on the tables of the publication."""
        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by, order_by_names=group_by)
        return self._explain(request)

    def saved_query_sql(self, name: str) -> str:
        """The same for a saved query."""
        request = MetricFlowQueryRequest.create(saved_query_name=name)
        return self._explain(request)

    def _explain(self, request: MetricFlowQueryRequest) -> str:
        return self._engine.explain(request).sql_statement.sql.replace(_SCHEMA, "")
