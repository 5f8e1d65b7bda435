"""The results of the audit as pages that load nothing from anywhere: Great Expectations' Data Docs, in our own frame.

The library's pages fetch Bootstrap, jQuery and fonts from six hosts. Its renderer and its templates for tables and
texts are used as they are; the frame around them, with style sheet and navigation, is replaced. Pages carry no time, so
that the same data give the same pages.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, DictLoader, Environment

from warehouse.audit.result import CheckResult

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c2430; background: #fff; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; }
a { color: #1a5fb4; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; }
th, td { border-bottom: 1px solid #d8dee6; padding: .4rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
.checks { table-layout: fixed; }
.checks th:nth-child(1) { width: 23%; } .checks th:nth-child(2) { width: 7%; } .checks th:nth-child(3) { width: 30%; }
pre, code { white-space: pre-wrap; font: 13px/1.4 ui-monospace, monospace; }
.alert { background: #f2f4f7; padding: .5rem .75rem; }
.text-success::before, .passed::before { content: "\\2713 "; color: #1b7f3b; }
.text-danger::before, .failed::before { content: "\\2717 "; color: #b3261e; }
[data-toggle=collapse] { display: none; }
@media (prefers-color-scheme: dark) { body { color: #e6e9ee; background: #14181f; } a { color: #8ab4f8; }
  .alert { background: #222833; } th, td { border-color: #38414e; } }
"""
FRAME = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{% block title %}{% endblock %}</title>
<style>{{ style | safe }}</style>
</head>
<body>
{% block body %}{% endblock %}
</body>
</html>
"""
# stands for the library's page.j2, from which its view starts; the library escapes nothing in templates of that suffix
PAGE = """\
{% extends 'frame.html' %}
{% block title %}Audit: {{ page_title }}{% endblock %}
{% block body %}
<p><a href="../index.html">All checks</a></p>
<h1>{{ page_title }}</h1>
{% for check in checks if not check.passed %}
<h2>{{ check.name }} ({{ check.severity }})</h2>
<ul>{% for example in check.examples %}<li>{{ example | e }}</li>{% endfor %}</ul>
{% endfor %}
{% for section in sections %}{% set section_loop = loop %}{% include 'section.j2' %}{% endfor %}
{% endblock %}
"""
INDEX = """\
{% extends 'frame.html' %}
{% block title %}Audit{% endblock %}
{% block body %}
<h1>Audit</h1>
{% for suite, heading in suites if results[suite] is defined %}
<h2>{{ heading }}: {{ results[suite] | selectattr('passed') | list | length }} of {{ results[suite] | length }} checks
passed</h2>
<table class="checks">
<thead><tr><th>check</th><th>severity</th><th>result</th><th>why it is asked</th></tr></thead>
<tbody>
{% for result in results[suite] %}
<tr>
<td><a href="{{ suite }}/{{ result.name.split('.')[0] }}.html">{{ result.name }}</a></td>
<td>{{ result.severity }}</td>
<td class="{{ 'passed' if result.passed else 'failed' }}">
{{ 'passed' if result.passed else result.examples | join('; ') }}</td>
<td>{{ result.reason }}</td>
</tr>
{% endfor %}
</tbody>
</table>
{% endfor %}
{% endblock %}
"""
SUITES = (("raw", "Raw lake"), ("marts", "Marts"))


def write_data_docs(folder: Path, suite: str, results: Sequence[CheckResult], validated: Sequence[Any]) -> None:
    """Writes the pages of one suite anew, and the index of all suites.

    Args:
        folder: where the pages are.
        suite: raw or marts.
        results: what each check answered.
        validated: the library's results, one a table.
    """
    own = folder / suite
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    view = _view()
    for result in validated:
        about = [asdict(one) for one in results if one.name.split(".")[0] == result.suite_name]
        page = view.render(_document(result), style=STYLE, checks=about)
        (own / f"{result.suite_name}.html").write_text(page, encoding="utf-8")
    (own / "results.json").write_text(
        json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    found = {
        name: json.loads((folder / name / "results.json").read_text(encoding="utf-8"))
        for name, _ in SUITES
        if (folder / name / "results.json").is_file()
    }
    environment = Environment(loader=DictLoader({"frame.html": FRAME, "index.html": INDEX}), autoescape=True)
    index = environment.get_template("index.html").render(style=STYLE, suites=SUITES, results=found)
    (folder / "index.html").write_text(index, encoding="utf-8")


def _view() -> DefaultJinjaPageView:
    view = DefaultJinjaPageView()
    view.env.loader = ChoiceLoader([DictLoader({"frame.html": FRAME, "page.j2": PAGE}), view.env.loader])
    return view


def _document(result: Any) -> Any:
    """The library's page of a table, without the run it was made in."""
    result.meta.pop("batch_markers", None)
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    document.page_title = result.suite_name
    # a link to a page that there is none of, and how the batch was made
    del document.sections[0].content_blocks[0]
    del document.sections[-1]
    return document
