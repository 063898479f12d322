"""What config.yaml says about addresses, secrets and doors, refused where it would leak something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from hub.config.alerts import Tls
from hub.config.hosts import find_fault, is_loopback, is_private_door
from hub.config.shape import Config
from hub.config.tracing import EXTRA, can_trace
from hub.errors import ConfigError
from hub.yamlfile import Where, YamlFile

_SECRETS: Final[tuple[tuple[Where, Callable[[Config], str]], ...]] = (
    (("store", "key"), lambda config: config.store.key),
    (("monitor", "token"), lambda config: config.monitor.token if config.monitor else ""),
    (("alerts", "mail", "password"), lambda config: config.alerts.mail.password if config.alerts.mail else ""),
    (("alerts", "webhook", "secret"), lambda config: config.alerts.webhook.secret if config.alerts.webhook else ""),
)
SHORTEST: Final = 16
"""Characters of a token or key that nobody guesses."""


def refuse_doors(source: YamlFile, config: Config, raw: Any, reference: re.Pattern[str]) -> Iterator[ConfigError]:
    """Yield what is refused. `raw`: the file before the environment was filled in; `reference`: what a reference looks like."""
    for name, connection in config.connections.items():
        address = connection.settings.get("base_url")
        if address is not None and (fault := find_fault(address)):
            yield source.error(("connections", name, "settings", "base_url"), *fault)
    yield from _secrets(source, config, raw, reference)
    yield from _monitor(source, config)
    yield from _alerts(source, config)
    yield from _tracing(source, config, raw, reference)


def _secrets(source: YamlFile, config: Config, raw: Any, reference: re.Pattern[str]) -> Iterator[ConfigError]:
    for where, get in _SECRETS:
        value = get(config)
        if not value:
            continue
        if not _is_reference(_at(raw, where), reference):
            yield _open_secret(source, where)
        elif where[-1] in ("key", "token") and len(value) < SHORTEST:
            yield source.error(where, f"`{where[-1]}` is too short.", f"Take {SHORTEST} random characters or more.")


def _is_reference(value: Any, reference: re.Pattern[str]) -> bool:
    found = reference.fullmatch(str(value))
    return found is not None and not found["default"]


def _open_secret(source: YamlFile, where: Where) -> ConfigError:
    name = re.sub(r"\W", "_", "_".join(("hub", *map(str, where)))).upper()
    fix = f"Write `${{{name}}}` or `${{file:...}}`."
    return source.error(where, f"`{where[-1]}` is a secret and must not stand in this file.", fix)


def _at(raw: Any, where: Where) -> Any:
    for step in where:
        raw = raw[step]
    return raw


def _monitor(source: YamlFile, config: Config) -> Iterator[ConfigError]:
    monitor = config.monitor
    if monitor is None:
        return
    if not monitor.token and not is_private_door(monitor.host):
        text = "Whoever reaches this address could read how the hub does."
        yield source.error(("monitor", "host"), text, "Write `host: 127.0.0.1`, or add `token: ${HUB_MONITOR_TOKEN}`.")
    if monitor.port and monitor.port == config.receiver.port:
        yield source.error(("monitor", "port"), "Webhooks arrive at this port already.", "Choose another.")


def _alerts(source: YamlFile, config: Config) -> Iterator[ConfigError]:
    mail, webhook = config.alerts.mail, config.alerts.webhook
    if mail is not None and mail.tls is Tls.NONE and not is_loopback(mail.host):
        yield source.error(("alerts", "mail", "tls"), "This mail would travel readable for everybody.", "Write `tls: starttls`.")
    if mail is not None and bool(mail.user) != bool(mail.password):
        yield source.error(("alerts", "mail"), "`user` and `password` go together.", "Add the other one.")
    if webhook is not None and (fault := find_fault(webhook.url)):
        yield source.error(("alerts", "webhook", "url"), *fault)


def _tracing(source: YamlFile, config: Config, raw: Any, reference: re.Pattern[str]) -> Iterator[ConfigError]:
    if config.tracing is None:
        return
    if not can_trace():
        fix = f"Install `{EXTRA}` (with pip or pipx, where the hub is), or take `tracing:` away."
        yield source.error(("tracing",), "What records and sends traces is not installed.", fix)
    if fault := find_fault(config.tracing.endpoint):
        yield source.error(("tracing", "endpoint"), *fault)
    for name in config.tracing.headers:
        where: Where = ("tracing", "headers", name)
        if not _is_reference(_at(raw, where), reference):
            yield _open_secret(source, where)
