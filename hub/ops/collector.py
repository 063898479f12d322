"""Does the collector of traces answer? Asked with an export of no span, as the OpenTelemetry Protocol allows."""

from __future__ import annotations

from typing import Final

from hub.config import TracingConfig

WAIT_S: Final = 5.0
_CHECK: Final = "Check `tracing:`. The hub works without it; its traces are lost meanwhile."


def ask_collector(config: TracingConfig) -> tuple[str, str]:
    """Return what the collector says and what to do, empty where it takes traces. Nothing of its answer is repeated."""
    import httpx

    headers = {**config.headers, "content-type": "application/x-protobuf", "user-agent": "syncline"}
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=0), timeout=WAIT_S, trust_env=False) as client:
            status = client.post(config.url, content=b"", headers=headers).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        return "the collector does not answer", _CHECK
    if status in (401, 403):
        return f"the collector does not accept our headers ({status})", "Renew what `tracing: headers:` refers to."
    if not 200 <= status < 300:
        return f"the collector answers {status}", _CHECK
    return "the collector takes them", ""
