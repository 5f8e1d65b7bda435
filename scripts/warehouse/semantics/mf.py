"""MetricFlow's own command line, `mf`, on the last build of a workspace: `python -m warehouse.semantics.mf ARGUMENTS`.

`mf` itself reads `target/semantic_manifest.json` of the project, whatever workspace was built, and asks the package
index for a newer version each time it starts. Here it reads what dbt left in DBT_TARGET_PATH, and asks nobody.
"""

import os
from pathlib import Path

from dbt_metricflow.cli import main as mf
from dbt_metricflow.cli.dbt_connectors.dbt_config_accessor import dbtArtifacts
from metricflow_semantic_interfaces.protocols.semantic_manifest import SemanticManifest
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest


class _NoUpdates:
    def check(self, *_: str) -> None:
        """There is none."""


def _last_manifest(project_root: Path) -> SemanticManifest:
    path = Path(os.environ["DBT_TARGET_PATH"]) / "semantic_manifest.json"
    return parse_manifest_from_dbt_generated_manifest(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    mf.UpdateChecker = _NoUpdates
    dbtArtifacts.build_semantic_manifest_from_dbt_project_root = staticmethod(_last_manifest)
    mf.cli(prog_name="mf")
