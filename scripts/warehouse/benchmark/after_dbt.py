"""What `warehouse build` does after dbt, step by step: metrics, audit, publication. For a process of its own.

What the audit finds does not stop it: generated events are not what its thresholds were made for, and the publication
stays in the benchmark's folder.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from warehouse.audit import audit_marts
from warehouse.publication import publish
from warehouse.semantics import compile_metrics
from warehouse.working import Audited, code_version, fingerprint, marts_of_last_build, record_audit
from warehouse.workspace import Workspace, open_workspace


def main() -> None:
    """Prints seconds by step, and what the audit would have blocked."""
    settings, name, folder = sys.argv[1:]
    workspace = Workspace(name, open_workspace(settings).settings, Path(folder))
    started = time.perf_counter()
    compile_metrics(workspace)
    metrics_done = time.perf_counter()
    before = fingerprint(workspace)
    checks = audit_marts(workspace)
    record_audit(
        workspace, Audited(before, code_version(), marts_of_last_build(workspace), [asdict(check) for check in checks])
    )
    audit_done = time.perf_counter()
    published = publish(workspace)
    result = {
        "metrics_seconds": metrics_done - started,
        "audit_seconds": audit_done - metrics_done,
        "publish_seconds": time.perf_counter() - audit_done,
        "audit_failed": [check.name for check in checks if not check.passed and check.severity == "block"],
        "publication": str(published.folder / "warehouse.duckdb"),
        "publication_bytes": sum(path.stat().st_size for path in published.folder.rglob("*") if path.is_file()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
