"""The page under /docs: what the service can be asked, from its OpenAPI description. Loads nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ info.title }} {{ info.version }}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  code, pre { font: 14px/1.5 ui-monospace, monospace } pre { padding: .75rem; overflow: auto; border: 1px solid #8886 }
  h2 { margin-top: 2rem } b { font: 600 14px ui-monospace, monospace; margin-right: .5rem }
</style>
<h1>{{ info.title }} {{ info.version }}</h1>
<p>{{ info.description }}</p>
<p>The machine-readable description: <a href="openapi.json">openapi.json</a>.</p>
{% for path, methods in paths.items() %}{% for method, operation in methods.items() %}
<h2><b>{{ method | upper }}</b><code>{{ path }}</code></h2>
<p>{{ operation.description or operation.summary }}</p>
{% if path in examples %}<pre>{{ examples[path] }}</pre>{% endif %}
{% endfor %}{% endfor %}
</html>
"""
_EXAMPLES = {
    "/check": """curl -s localhost:8000/check -H 'content-type: application/json' \\
  -d '{"problem": "(A & B) # A", "proof": "left-and on (A & B)"}'""",
    "/score": """curl -s localhost:8000/score -H 'content-type: application/json' \\
  -d '{"item": {"id": "...", "task": "pl1_pw", ...}, "text": "what the model said"}'""",
}


def describe(openapi: dict[str, Any]) -> str:
    """HTML for an OpenAPI description."""
    template = Environment(autoescape=True).from_string(_PAGE)
    return template.render(info=openapi["info"], paths=openapi["paths"], examples=_EXAMPLES)
