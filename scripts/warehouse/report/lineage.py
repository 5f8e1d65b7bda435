"""dbt's own docs of the last build in one page: models, columns, SQL, and the graph of what is made from what."""

import json
from pathlib import Path
from typing import Any

from dbt.task.docs import DOCS_INDEX_FILE_PATH

from warehouse.project import PROJECT_ROOT
from warehouse.workspace import Workspace

# What differs from run to run of the same build, and what no page shows.
LEFT_OUT = ("created_at", "build_path", "compiled_path", "checksum")
KINDS = ("nodes", "sources", "macros", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests")
KEPT_METADATA = ("project_name", "adapter_type", "dbt_version", "dbt_schema_version")


def dbt_docs(workspace: Workspace) -> str | None:
    """The page, or None when nothing was built here.

    `dbt docs generate --static` writes the same page of a manifest that it makes anew: without compiled SQL, or with it
    in half a minute. Types of columns are those of the contracts.

    Args:
        workspace: the company; its last build.
    """
    manifest_file = workspace.target / "manifest.json"
    if not manifest_file.is_file():
        return None
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    manifest["metadata"] = {key: manifest["metadata"][key] for key in KEPT_METADATA}
    for kind in KINDS:
        for node in manifest[kind].values():
            for key in LEFT_OUT:
                node.pop(key, None)
    nodes = {key: _catalogued(node) for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    catalog = {"metadata": manifest["metadata"], "nodes": nodes, "sources": {}, "errors": None}
    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    # addresses that the browser would ask for as they stand: AngularJS fills the ones in later, the other is left over
    # from how the page was made
    page = page.replace('xlink:href="{{', 'ng-attr-xlink:href="{{').replace('href="${require(', 'data-href="${require(')
    page = with_way_back(page, "..")
    page = page.replace('"MANIFEST.JSON INLINE DATA"', _script(manifest)).replace(
        '"CATALOG.JSON INLINE DATA"', _script(catalog)
    )
    # the SQL names files: where they lie on this machine is nobody's business
    for folder, name in ((workspace.folder, f"data/{workspace.name}"), (PROJECT_ROOT, ".")):
        page = page.replace(str(folder), name)
    return page


def with_way_back(page: str, to_site: str) -> str:
    """A page that others wrote, with a link to the report site; `to_site` is the way from its folder."""
    look = "position:fixed;bottom:14px;left:14px;z-index:99;padding:6px 12px;background:#fff;color:#1a1a2e"
    link = f'<a href="{to_site}/index.html" style="{look};border:1px solid #767676;border-radius:7px">← Report</a>'
    return page.replace("</body>", f"{link}</body>")


def _catalogued(node: dict[str, Any]) -> dict[str, Any]:
    """A model as dbt's catalog has it, which the page reads types from."""
    columns = {
        name: {"name": name, "index": index, "type": column["data_type"] or "", "comment": None}
        for index, (name, column) in enumerate(node["columns"].items(), start=1)
    }
    table = {"type": node["config"]["materialized"], "schema": node["schema"], "name": node["alias"], "owner": None}
    return {"metadata": table, "columns": columns, "stats": {}, "unique_id": node["unique_id"]}


def _script(value: dict[str, Any]) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
