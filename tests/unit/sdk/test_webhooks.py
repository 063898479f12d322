"""Signatures as vendors publish them, and everything that is not one."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.errors import BadPayload, Forged
from hub.sdk.base import WebhookRequest
from hub.sdk.webhooks import Digest, Encoding, fresh, header_of, parse, parse_object, same, sign, verify

HERE = Path(__file__).parent
VECTORS: list[dict[str, Any]] = json.loads((HERE / "webhook_vectors.json").read_text("utf-8"))
COLLECTED = Path("shared/specs/webhook-signatures.json")
SHARED = next((folder / COLLECTED for folder in HERE.parents if (folder / COLLECTED).is_file()), HERE / COLLECTED)
HEX_WITH_PREFIX = {
    "github": {"encoding": Encoding.HEX, "prefix": "sha256="},
    "intercom": {"encoding": Encoding.HEX, "prefix": "sha1=", "digest": Digest.SHA1},
}


def _request(vector: dict[str, Any], *, body: str | None = None, signature: str | None = None) -> WebhookRequest:
    headers = {vector["header"]: vector["expected"] if signature is None else signature}
    return WebhookRequest(vector.get("url", ""), headers, (vector["body"] if body is None else body).encode())


def _verify(vector: dict[str, Any], request: WebhookRequest, secret: str | None = None) -> None:
    verify(
        request,
        header=vector["header"],
        secret=vector["secret"] if secret is None else secret,
        message=request.url.encode() + request.body,
        **HEX_WITH_PREFIX.get(vector["vendor"], {}),
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["vendor"])
def test_verify_accepts_when_the_vendor_says_so(vector: dict[str, Any]) -> None:
    _verify(vector, _request(vector))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["vendor"])
def test_verify_raises_forged_when_anything_differs(vector: dict[str, Any]) -> None:
    tampered = [
        (_request(vector, body=vector["body"] + " "), None),
        (_request(vector, signature=vector["expected"][:-2]), None),
        (_request(vector, signature=vector["expected"] + "x"), None),
        (_request(vector, signature=""), None),
        (_request(vector, signature="\u00e4"), None),
        (WebhookRequest("", {}, vector["body"].encode()), None),
        (_request(vector), vector["secret"] + "x"),
        (_request(vector), ""),
    ]
    for request, secret in tampered:
        with pytest.raises(Forged):
            _verify(vector, request, secret)


def test_verify_raises_forged_when_secret_is_empty_and_signature_matches_it() -> None:
    request = WebhookRequest("", {"x-sig": sign("", b"{}")}, b"{}")
    with pytest.raises(Forged, match="No webhook secret"):
        verify(request, header="x-sig", secret="")


def test_verify_accepts_one_of_several_when_a_secret_is_rotated() -> None:
    request = WebhookRequest("", {"x-sig": f"v1,{sign('old', b'{}')} v1,{sign('new', b'{}')}"}, b"{}")
    verify(request, header="X-Sig", secret="new", prefix="v1,", separator=" ")
    with pytest.raises(Forged):
        verify(request, header="X-Sig", secret="new", prefix="v1,")


def test_forged_shows_neither_secret_nor_signature() -> None:
    request = WebhookRequest("", {"x-sig": "GIVEN"}, b"BODY")
    with pytest.raises(Forged) as caught:
        verify(request, header="x-sig", secret="SECRET")
    shown = f"{caught.value} {caught.value.args}"
    for leaked in ("GIVEN", "BODY", "SECRET", sign("SECRET", b"BODY")):
        assert leaked not in shown


def test_same_accepts_when_any_matches() -> None:
    same("a", ["b", " a "])
    for given in ([], ["b"]):
        with pytest.raises(Forged):
            same("a", given)


def test_header_of_finds_any_case_and_refuses_missing() -> None:
    request = WebhookRequest("", {"x-id": "1"}, b"")
    assert header_of(request, "X-ID") == "1"
    with pytest.raises(Forged, match="x-other"):
        header_of(request, "X-Other")


def is_fresh(at_s: str) -> bool:
    """Say whether a webhook signed at this time is taken at 1_700_000_000 s."""
    try:
        fresh(at_s, 1_700_000_000_000_000)
    except Forged:
        return False
    return True


@pytest.mark.parametrize("at_s", ["1699999699", "1700000301", "", "soon", "-1", "1700000000.0", "9" * 400])
def test_fresh_raises_forged_when_time_is_off(at_s: str) -> None:
    assert not is_fresh(at_s)


@pytest.mark.parametrize("at_s", ["1699999700", "1700000000", "1700000300"])
def test_fresh_accepts_when_time_is_near(at_s: str) -> None:
    assert is_fresh(at_s)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b'{"a": "' + b"x" * 100 + b'"}'])
def test_parse_raises_bad_payload_without_quoting_when_body_is_no_json_or_too_large(body: bytes) -> None:
    with pytest.raises(BadPayload) as caught:
        parse(WebhookRequest("", {}, body), longest_bytes=50)
    assert "xxx" not in "".join(traceback.format_exception(caught.value)[-1])
    assert caught.value.__context__ is None


def test_parse_object_returns_object_and_refuses_others() -> None:
    assert parse_object(WebhookRequest("", {}, b'{"a": 1}')) == {"a": 1}
    with pytest.raises(BadPayload):
        parse_object(WebhookRequest("", {}, b"[]"))


Recipe = Callable[[dict[str, Any], bytes], str]
PUBLISHED: dict[tuple[str, str], Recipe] = {
    ("square", ""): lambda v, body: sign(v["secret"], v["url"].encode() + body),
    ("standard-webhooks", ""): lambda v, body: (
        "v1,"
        + sign(
            base64.b64decode(v["secret"].removeprefix("whsec_")), v["id"].encode() + b"." + v["timestamp"].encode() + b"." + body
        )
    ),
    ("hubspot", "v3"): lambda v, body: sign(v["secret"], (v["method"] + v["url"]).encode() + body + v["timestamp"].encode()),
    ("zendesk", ""): lambda v, body: sign(v["secret"], v["timestamp"].encode() + body),
    ("shopify", ""): lambda v, body: sign(v["secret"], body),
    ("woocommerce", ""): lambda v, body: sign(v["secret"], body),
    ("stripe", "hmac-primitive"): lambda v, body: sign(v["secret"], body, encoding=Encoding.HEX),
    ("stripe", "webhook"): lambda v, body: sign(v["secret"], v["timestamp"].encode() + b"." + body, encoding=Encoding.HEX),
    ("intercom", ""): lambda v, body: "sha1=" + sign(v["secret"], body, digest=Digest.SHA1, encoding=Encoding.HEX),
    ("github", ""): lambda v, body: "sha256=" + sign(v["secret"], body, encoding=Encoding.HEX),
    ("klaviyo", ""): lambda v, body: sign(v["secret"], body + v["timestamp"].encode(), encoding=Encoding.HEX),
    ("saleor", ""): lambda v, body: sign(v["secret"], body, encoding=Encoding.HEX),
}


@pytest.mark.skipif(not SHARED.is_file(), reason="the collected vendor vectors (../shared/specs) are not on this machine")
def test_sign_matches_every_collected_vector_of_the_vendors_it_knows() -> None:
    vectors = json.loads(SHARED.read_text("utf-8"))["vectors"]
    known = [(vector, PUBLISHED.get((vector["vendor"], vector.get("variant", "")))) for vector in vectors]
    checked = [(v["vendor"], recipe(v, v["body"].encode()) == v["expected"]) for v, recipe in known if recipe]
    assert len(checked) >= 15
    assert [vendor for vendor, matches in checked if not matches] == []
