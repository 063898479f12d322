"""Alerts reach a real mail server, a real web server and a real program: once, and once when all is well."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from hub.config import Alerts, MailAlert, Tls, WebhookAlert
from hub.errors import AuthFailed, Unavailable
from hub.model.run import DeadLetter
from hub.model.values import Doc
from hub.ops.book import CALM
from hub.ops.channels import SIGNATURE, Channel, Command, Hook, Mail, channels_of
from hub.ops.watch import Watch
from hub.runtime.room import Room
from hub.sdk.webhooks import sign
from tests.e2e.process import free_port
from tests.retailer import Retailer

NOTICE: Doc = {"version": 1, "subject": "[Shop] till is paused", "lines": ["till is paused", "  Renew it."], "incidents": []}


class Post:
    """A mail server's ear."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"

    def log_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        self.logins.append((data.login, data.password))
        good = data.password == b"s3cret"
        return AuthResult(success=good, handled=good)  # else the server says 535


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    """Return a mail server on loopback and its port."""
    ear = Post()
    server = Controller(
        ear, hostname="127.0.0.1", port=free_port(), authenticator=ear.log_in, auth_require_tls=False, auth_required=False
    )
    server.start()
    yield ear, server.port
    server.stop()


class Door(HTTPServer):
    """A web server's ear. `status` is what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Knock)
        self.status, self.seen = 200, list[tuple[str, bytes]]()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def close(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Knock(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.headers.get(SIGNATURE, ""), body))
        self.send_response(self.server.status)
        self.send_header("location", self.server.url.replace("127.0.0.1", "127.0.0.2"))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
        """Stay silent."""


@pytest.fixture
def door() -> Iterator[Door]:
    """Return a web server on loopback."""
    made = Door()
    yield made
    made.close()


def mail_to(port: int, **more: Any) -> Mail:
    known = {"server": f"127.0.0.1:{port}", "sender": "hub@shop.test", "to": ("ops@shop.test", "boss@shop.test"), "tls": Tls.NONE}
    return Mail(MailAlert(**{**known, **more}))


def test_mail_arrives_with_subject_and_lines_when_the_server_takes_it(post: tuple[Post, int]) -> None:
    ear, port = post
    mail_to(port, user="hub", password="s3cret").send(NOTICE)
    (mail,) = ear.mails
    assert (mail["subject"], mail["from"], mail["to"]) == (
        "[Shop] till is paused",
        "hub@shop.test",
        "ops@shop.test, boss@shop.test",
    )
    assert str(mail.get_payload()).splitlines() == ["till is paused", "  Renew it."]
    assert ear.logins == [(b"hub", b"s3cret")]


def test_mail_is_not_sent_when_the_server_has_no_tls_or_refuses(post: tuple[Post, int]) -> None:
    ear, port = post
    for refused in (mail_to(port, tls=Tls.STARTTLS), mail_to(port, user="hub", password="wrong"), mail_to(free_port())):
        with pytest.raises(Unavailable) as caught:
            refused.send(NOTICE)
        assert caught.value.__cause__ is None
        assert "wrong" not in str(caught.value)
    assert ear.mails == []


def test_hook_is_signed_and_not_redirected_when_it_is_posted(door: Door) -> None:
    Hook(WebhookAlert(url=door.url, secret="key")).send(NOTICE)
    ((signature, body),) = door.seen
    assert json.loads(body) == NOTICE
    assert signature == sign("key", body)
    for status in (302, 500):
        door.status = status
        with pytest.raises(Unavailable):
            Hook(WebhookAlert(url=door.url)).send(NOTICE)
    assert [seen[0] for seen in door.seen[1:]] == ["", ""]


def test_command_gets_the_notice_and_no_secret_when_it_runs(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    code = f"import json,os,sys; json.dump([json.load(sys.stdin), sys.argv[1:], sorted(os.environ)], open({str(out)!r}, 'w'))"
    alerts = Alerts(command=(sys.executable, "-c", code))
    channels_of(alerts, {"PATH": "/bin", "SHOP_TOKEN": "shpat_x"})["command"].send(NOTICE)
    notice, words, names = json.loads(out.read_text())
    assert (notice, words) == (NOTICE, [NOTICE["subject"]])
    assert "SHOP_TOKEN" not in names
    for broken in ((sys.executable, "-c", "import sys; sys.exit(3)"), ("/no/such/program",)):
        with pytest.raises(Unavailable):
            Command(broken, {}).send(NOTICE)


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer."""
    made = Retailer(tmp_path)
    yield made
    made.close()


def watch(shops: Retailer, **channels: Channel) -> Watch:
    """Return what watches this retailer."""
    return Watch(shops.hub, Room(None, 0), shops.hub.store.reader, lambda: channels, shops.clock)


def wait(shops: Retailer, watching: Watch, seconds: float) -> None:
    shops.clock.sleep(seconds)
    watching.look()


def told(door: Door) -> list[tuple[str, list[str]]]:
    """Return what happened and to which kinds, for every post."""
    said = [json.loads(body) for _, body in door.seen]
    return [(one["happened"], [incident["kind"] for incident in one["incidents"]]) for one in said]


def lock_out(shops: Retailer) -> None:
    """Let the till refuse our token, and the hub meet that."""
    shops.hub.lanes["till"]._pause(AuthFailed("No."), "pull")


def test_watch_tells_once_and_once_when_well_when_a_token_expired(shops: Retailer, door: Door) -> None:
    watching = watch(shops, webhook=Hook(WebhookAlert(url=door.url)))
    watching.look()
    lock_out(shops)
    for _ in range(3):
        wait(shops, watching, 10)
    assert told(door) == [("started", ["token_expired"])]
    assert watching.troubles()["token_expired"] == 1
    shops.hub.lanes["till"]._is_well("pull")
    watching = watch(shops, webhook=Hook(WebhookAlert(url=door.url)))  # as after a restart
    for _ in range(3):
        wait(shops, watching, CALM / 2_000_000)
    assert told(door)[1:] == [("ended", ["token_expired"])]


def test_watch_keeps_a_notice_when_its_channel_fails_and_others_go_on(
    shops: Retailer, door: Door, post: tuple[Post, int]
) -> None:
    ear, port = post
    watching = watch(shops, webhook=Hook(WebhookAlert(url=door.url)), mail=mail_to(port))
    door.status = 500
    lock_out(shops)
    watching.look()
    wait(shops, watching, 10)
    assert (len(door.seen), len(ear.mails)) == (1, 1)
    door.status = 200
    watching = watch(shops, webhook=Hook(WebhookAlert(url=door.url)), mail=mail_to(port))  # as after a restart
    wait(shops, watching, 30)
    wait(shops, watching, 30)
    assert told(door) == [("started", ["token_expired"])] * 2
    assert len(ear.mails) == 1


def test_watch_sends_a_digest_of_what_is_open_when_it_is_due(shops: Retailer, door: Door) -> None:
    config = shops.hub.ground.config
    shops.hub.ground.config = config.model_copy(update={"alerts": Alerts(digest_s=3600.0)})
    watching = watch(shops, webhook=Hook(WebhookAlert(url=door.url)))
    letter = DeadLetter(1, "bad_payload", "No.", "till", "customers", "4", b"{}", 1)
    shops.hub.writer.submit(lambda unit: unit.save_dead_letters([letter])).result()
    watching.look()
    wait(shops, watching, 3601)
    assert told(door)[0] == ("started", ["dead_letters"])
    assert [what for what, _ in told(door)].count("digest") == 1


def test_watch_says_that_the_hub_stopped_and_later_that_it_works(shops: Retailer, door: Door) -> None:
    watching = watch(shops, webhook=Hook(WebhookAlert(url=door.url)))
    watching.look()
    watching.last_words("invariant_broken")
    watching.last_words("invariant_broken")
    assert told(door) == [("started", ["hub_stopped"])]
    again = watch(shops, webhook=Hook(WebhookAlert(url=door.url)))
    again.look()
    wait(shops, again, 61)
    assert told(door)[1:] == [("ended", ["hub_stopped"])]


def test_watch_judges_lateness_when_readers_had_time_after_a_start(shops: Retailer, door: Door) -> None:
    shops.poll()
    shops.clock.sleep(7200)
    watching = watch(shops, webhook=Hook(WebhookAlert(url=door.url)))
    watching.look()
    assert told(door) == []
    wait(shops, watching, 180)
    assert told(door) == [("started", ["stale", "stale"])]
