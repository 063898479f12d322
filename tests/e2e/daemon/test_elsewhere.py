"""A stranger gets no credentials: a server nobody vouches for, an answer that points to another host."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.daemon.town import Town
from tests.e2e.process import CLOCK


class Stranger(HTTPServer):
    """A server that keeps what it is asked with, and sends everybody to `target`, or answers nothing of use."""

    def __init__(self, target: str = "") -> None:
        self.asked: list[dict[str, str]] = []
        self.target = target
        super().__init__(("127.0.0.1", 0), _Handler)
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a handshake that was broken off."""


class _Handler(BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        self.send_response(302 if self.server.target else 404)
        self.send_header("Location", self.server.target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - the names of the standard library

    def log_message(self, *_args: Any) -> None:
        """Print nothing."""


@pytest.fixture
def strangers() -> Iterator[list[Stranger]]:
    """Return servers that are stopped at the end."""
    made: list[Stranger] = []
    yield made
    for one in made:
        one.shutdown()
        one.server_close()


def sign_itself(folder: Path) -> Path:
    """Write a certificate for this machine that nobody else vouches for, with its key."""
    import datetime as dt

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.fromtimestamp(CLOCK.now() / 1_000_000, dt.UTC)
    day = dt.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - day).not_valid_after(now + day)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    pem += key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "self.pem").write_bytes(pem)
    return folder / "self.pem"


def test_no_request_is_made_when_nobody_vouches_for_a_certificate(town: Town, strangers: list[Stranger], tmp_path: Path) -> None:
    server = Stranger()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sign_itself(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.thread.start()
    strangers.append(server)
    done = town.hub("connection", "test", "shop", "--json", environ={"SHOP_URL": f"https://localhost:{server.server_port}"})
    assert done.returncode == 3
    assert server.asked == []
    assert json.loads(done.stdout)["error"]["message"].endswith("nobody vouches for its certificate.")


def test_credentials_go_nowhere_else_when_an_answer_points_to_another_host(town: Town, strangers: list[Stranger]) -> None:
    elsewhere = Stranger()
    here = Stranger(f"http://127.0.0.1:{elsewhere.server_port}/")
    strangers += [elsewhere, here]
    for one in strangers:
        one.thread.start()
    done = town.hub("connection", "test", "shop", "--json", environ={"SHOP_URL": f"http://127.0.0.1:{here.server_port}"})
    assert done.returncode == 3
    assert here.asked
    assert elsewhere.asked == []
