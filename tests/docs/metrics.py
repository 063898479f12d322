"""The page of metrics, written from the code: `python -m tests.docs.metrics`."""

from __future__ import annotations

from pathlib import Path

from hub.meters import BOUNDS_S, FACTS
from hub.web.monitor import PREFIX

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
HEAD = """# Metrics

`GET /metrics` in the text format of Prometheus, `GET /readyz` (does the hub work just now?) and `GET /healthz` (is it to be
restarted?). They have a door of their own, so that no proxy before the webhooks shows it:

```yaml
monitor:
  host: 127.0.0.1        # the default; any other address needs a token
  port: 8109             # the default; 0 takes a free one
  token: ${HUB_TOKEN}    # then /metrics wants `Authorization: Bearer ...`
```

Without `monitor:` there is no such door. `/readyz` and `/healthz` are answered beside the webhooks, too; they say one word:
`ready`, or `starting`, `stopping`, `disk` (too little room, nothing is taken in), `unwell`.

Labels are names from `config.yaml` and words of the hub, never a value of a record. Gauges of the store are read when somebody
asks, at most every five seconds. Beside these come `process_*` and `python_gc_*`.

| metric | kind | labels | |
|---|---|---|---|
"""


def page() -> str:
    """Return the page as it should be."""
    rows = []
    for metric, facts in FACTS.items():
        labels = ", ".join(f"`{one}`" for one in facts.labels) or "-"
        rows.append(f"| `{PREFIX}{metric.value}` | {facts.kind.value} | {labels} | {facts.help} |")
    bounds = ", ".join(f"{bound:g}" for bound in BOUNDS_S)
    return HEAD + "\n".join(rows) + f"\n\nBuckets of times end at {bounds} seconds.\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
