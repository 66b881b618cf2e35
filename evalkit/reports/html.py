"""``report.html``: one file that opens from disk."""

from __future__ import annotations

import jinja2

from evalkit.reports.tables import Table, by_article, leaderboard
from evalkit.results import Results

__all__ = ["render"]

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>evalkit: {{ results.benchmark }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #8886; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
td.best { font-weight: 700; }
</style>
</head>
<body>
<main>
<h1>{{ results.benchmark }}</h1>
{% for table in tables %}
<h2>{{ table.title }}</h2>
<div class="scroll"><table>
<thead><tr>{% for name in table.header %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in table.rows %}<tr>{% for cell in row %}
<td{% if cell.best %} class="best"{% endif %}>{{ cell.text }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table></div>
{% if table.note %}<p>{{ table.note }}</p>{% endif %}
{% endfor %}
<h2>Signatures</h2>
<ul>{% for task in results.tasks %}{% for metric in task.metrics %}
<li>{{ task.name }}, {{ metric.label }}: <code>{{ metric.signature }}</code></li>{% endfor %}{% endfor %}</ul>
</main>
</body>
</html>
"""


def render(results: Results) -> str:
    """The whole page; every text is escaped."""
    tables: list[Table] = []
    for task in results.tasks:
        tables.append(leaderboard(task))
        names = [results.titles.get(name, name) for name in task.article_names()]
        if 1 < len(names) <= 50:
            tables.extend(by_article(task, scored.label, names) for scored in task.metrics)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(_PAGE).render(results=results, tables=tables)
