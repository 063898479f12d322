"""Addresses, secrets and doors: what would leak something is refused with its place."""

from __future__ import annotations

import sys

import pytest

from hub.config import ConnectorFacts, MailAlert, SettingFacts, Tls, parse_config
from hub.config.hosts import find_fault, is_loopback, is_near
from hub.errors import ConfigError

FACTS = {"shop": ConnectorFacts({"base_url": SettingFacts(required=True)})}
ENVIRON = {"TOKEN": "a-token-that-is-long", "SHORT": "short", "LINES": "one\r\nhost: two"}
SHOP = "connections: {shop: {connector: shop, settings: {base_url: 'https://shop.com'}}}\n"


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, environ=ENVIRON, connectors=FACTS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("host", "here", "near"),
    [
        ("127.0.0.1", True, True),
        ("localhost", True, True),
        ("::1", True, True),
        ("0.0.0.0", True, True),
        ("::ffff:127.0.0.1", True, True),
        ("192.168.1.5", False, True),
        ("vendure", False, True),
        ("till.lan", False, True),
        ("169.254.169.254", False, False),
        ("hub.example.com", False, False),
        ("8.8.8.8", False, False),
    ],
)
def test_host_is_here_or_near_when_nobody_else_can_listen(host: str, here: bool, near: bool) -> None:  # noqa: FBT001 - a table
    assert (is_loopback(host), is_near(host)) == (here, near)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://shop.com", "no address"),
        ("shop.com", "no address"),
        ("https://", "no address"),
        ("https://[::1", "no address"),
        ("https://shop.com:99999", "no address"),
        ("https://ada:secret@shop.com", "name or password"),
        ("http://169.254.169.254/latest", "network card"),
        ("https://[fd00:ec2::254]", "network card"),
        ("http://[::ffff:169.254.169.254]", "network card"),
        ("http://shop.com", "readable"),
    ],
)
def test_address_is_refused_when_it_leaks_or_is_none(url: str, said: str) -> None:
    fault = find_fault(url)
    assert fault is not None
    assert said in fault[0]
    assert "secret" not in " ".join(fault)


@pytest.mark.parametrize(
    "url", ["https://shop.com", "http://127.0.0.1:8101", "http://vendure:3000/admin-api", "https://10.0.0.4"]
)
def test_address_is_taken_when_it_is_safe(url: str) -> None:
    assert find_fault(url) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("monitor: {host: 0.0.0.0}", "config.yaml:2:11: Whoever reaches this address"),
        ("monitor: {token: abcdefghijklmnopqrstuvwxyz}", "config.yaml:2:11: `token` is a secret"),
        ("monitor: {host: 0.0.0.0, token: '${SHORT}'}", "config.yaml:2:26: `token` is too short."),
        ("monitor: {port: 8100}", "config.yaml:2:11: Webhooks arrive at this port already."),
        ("store: {key: 'abcdefghijklmnopqrstuvwxyz'}", "config.yaml:2:9: `key` is a secret"),
        ("store: {keep_free: 5}", "config.yaml:2:9: A size is written like 200MB or 5GB."),
        ("alerts: {mail: {server: mail.com, from: a@b.c, to: d@e.f, tls: none}}", "This mail would travel readable"),
        ("alerts: {mail: {server: mail.com, from: a@b.c, to: d@e.f, user: u}}", "`user` and `password` go together."),
        ("alerts: {mail: {server: mail.com, from: a@b.c, to: d@e.f, user: u, password: p}}", "`password` is a secret"),
        ("alerts: {mail: {server: mail.com, from: nobody, to: d@e.f}}", "`from`: string should match"),
        ("alerts: {webhook: {url: 'http://hooks.com/x'}}", "A token would travel readable"),
        ("alerts: {webhook: {url: 'https://hooks.com/x', secret: s}}", "`secret` is a secret"),
        ("tracing: {endpoint: 'http://traces.com'}", "config.yaml:2:11: A token would travel readable"),
        ("tracing: {endpoint: 'http://169.254.169.254/v1/traces'}", "belongs to the machine's own network card"),
        ("tracing: {endpoint: 'https://a:b@traces.com'}", "must not hold a name or password"),
        ("tracing: {endpoint: 'https://traces.com/v1?key=secret'}", "`endpoint`: string should match"),
        ("tracing: {sample: 10%}", "config.yaml:2:1: `endpoint` is missing"),
        ("tracing: {endpoint: 'https://t.com', sample: 200%}", "A share is written like 20%"),
        ("tracing: {endpoint: 'https://t.com', headers: {x-key: abc}}", "config.yaml:2:48: `x-key` is a secret"),
        ("tracing: {endpoint: 'https://t.com', headers: {x-key: '${SHORT:-abc}'}}", "Write `${HUB_TRACING_HEADERS_X_KEY}`"),
        ("tracing: {endpoint: 'https://t.com', headers: {'x key': '${SHORT}'}}", "string should match"),
        ("tracing: {endpoint: 'https://t.com', headers: {x-key: '${LINES}'}}", "string should match"),
        ("alerts: {comand: x}", "`comand` is not known here. Did you mean `command`?"),
    ],
)
def test_door_is_refused_when_it_stands_open(more: str, said: str) -> None:
    assert said in refusal(SHOP + more)


def test_door_is_taken_when_it_is_guarded() -> None:
    text = SHOP + "monitor: {host: 0.0.0.0, token: '${TOKEN}'}\nstore: {key: '${TOKEN}', keep_free: 2GB}\n"
    config = parse_config(text, environ=ENVIRON, connectors=FACTS)
    assert config.monitor is not None
    assert (config.monitor.token, config.store.key, config.store.keep_free) == (ENVIRON["TOKEN"], ENVIRON["TOKEN"], 2_000_000_000)
    assert ENVIRON["TOKEN"] not in repr(config)


@pytest.mark.parametrize(
    ("server", "tls", "where"),
    [
        ("mail.example.com", Tls.STARTTLS, ("mail.example.com", 587)),
        ("mail.example.com", Tls.TLS, ("mail.example.com", 465)),
        ("127.0.0.1:2525", Tls.NONE, ("127.0.0.1", 2525)),
        ("[::1]:25", Tls.NONE, ("::1", 25)),
        ("[::1]", Tls.NONE, ("::1", 587)),
    ],
)
def test_mail_server_has_its_usual_port_when_none_is_written(server: str, tls: Tls, where: tuple[str, int]) -> None:
    mail = MailAlert(server=server, sender="a@b.c", to=("d@e.f",), tls=tls)
    assert (mail.host, mail.port) == where


def test_tracing_is_refused_when_its_packages_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    said = refusal(SHOP + "tracing: {endpoint: 'https://traces.com'}")
    assert said.startswith("config.yaml:2:1: What records and sends traces is not installed. Install `syncline[otel]`")
    assert parse_config(SHOP, environ=ENVIRON, connectors=FACTS).tracing is None


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("https://traces.com", "https://traces.com/v1/traces"),
        ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
        ("https://traces.com/otlp/v1/traces", "https://traces.com/otlp/v1/traces"),
    ],
)
def test_tracing_goes_to_the_usual_path_when_none_is_written(endpoint: str, url: str) -> None:
    text = SHOP + f"tracing: {{endpoint: '{endpoint}', headers: {{x-key: '${{TOKEN}}'}}, sample: 10%}}"
    config = parse_config(text, environ=ENVIRON, connectors=FACTS)
    assert config.tracing is not None
    assert (config.tracing.url, config.tracing.headers, config.tracing.sample) == (url, {"x-key": ENVIRON["TOKEN"]}, 0.1)
    assert ENVIRON["TOKEN"] not in repr(config)
