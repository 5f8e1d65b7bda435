"""The project keeps its own rules of structure (dbt-bouncer.yml), and a breach of any kind is seen."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from warehouse.manifest import Manifest
from warehouse.project import PROJECT_ROOT

CONFIG = PROJECT_ROOT / "dbt-bouncer.yml"
BOUNCER = Path(sys.executable).with_name("dbt-bouncer")


def failed_checks(manifest: Manifest, folder: Path) -> set[tuple[str, str]]:
    """Check and model of everything that dbt-bouncer finds in a manifest."""
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    (folder / CONFIG.name).write_text(yaml.safe_dump(config | {"dbt_artifacts_dir": str(folder)}), encoding="utf-8")
    results = folder / "results.json"
    process = subprocess.run(
        [
            str(BOUNCER), "run", "--config-file", str(folder / CONFIG.name),
            "--output-file", str(results), "--output-only-failures",
        ],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert results.is_file(), process.stdout + process.stderr
    failures = json.loads(results.read_text(encoding="utf-8"))
    assert (process.returncode == 0) == (not failures)
    found = (failure["check_run_id"].split(":") for failure in failures)
    return {(parts[0], parts[-1]) for parts in found}


def test_the_project_keeps_its_rules(manifest: Manifest, tmp_path: Path) -> None:
    assert failed_checks(manifest, tmp_path) == set()


def test_a_breach_of_each_kind_is_seen(manifest: Manifest, tmp_path: Path) -> None:
    broken = copy.deepcopy(manifest)
    project = broken["metadata"]["project_name"]
    models = {node["name"]: node for node in broken["nodes"].values() if node["resource_type"] == "model"}
    models["int_months"]["depends_on"]["nodes"].append(f"model.{project}.fct_orders")
    models["kpi_board"]["depends_on"]["nodes"].append(f"model.{project}.stg_flat_file__orders")
    models["fct_orders"]["depends_on"]["nodes"].append(f"model.{project}.kpi_board")
    models["orders"]["depends_on"]["nodes"].append(f"model.{project}.int_as_of")
    models["dim_date"]["description"] = ""
    models["dim_date"]["columns"]["date_day"]["description"] = ""
    models["kpi_churn"]["name"] = "churn"
    del broken["nodes"][
        next(
            key
            for key, node in broken["nodes"].items()
            if node["resource_type"] == "test"
            and node.get("attached_node") == f"model.{project}.kpi_margin"
            and node["test_metadata"]["name"] == "unique_combination"
        )
    ]
    for exposure in broken["exposures"].values():
        nodes = exposure["depends_on"]["nodes"]
        exposure["depends_on"]["nodes"] = [node for node in nodes if not node.endswith(".kpi_email")]
    assert failed_checks(broken, tmp_path) == {
        ("check_lineage_permitted_upstream_models", "int_months"),
        ("check_lineage_permitted_upstream_models", "kpi_board"),
        ("check_lineage_permitted_upstream_models", "fct_orders"),
        ("check_lineage_permitted_upstream_models", "orders"),
        ("check_model_description_populated", "dim_date"),
        ("check_model_column_description_populated", "dim_date"),
        ("check_model_names", "kpi_churn"),
        ("check_model_property_file_location", "kpi_churn"),
        ("check_model_has_unique_test", "kpi_margin"),
        ("check_model_has_exposure", "kpi_email"),
    }
