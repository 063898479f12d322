"""What may reach a log line."""

from __future__ import annotations

import errno
import io
import json
import logging
import re

import pytest
import structlog

from hub.errors import Unavailable
from hub.events import Event, configure_logging, log


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.reset_defaults()


def test_event_names_are_stage_noun_participle() -> None:
    for event in Event:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+\.[a-z]+(ed|ken|nt|sed|ut|und|ost)", event), event


def test_log_writes_one_json_object_with_ids_when_keys_are_known(out: io.StringIO) -> None:
    log().info(Event.HTTP_REQUEST_RETRIED, connection="shop", entity_id=7, fields=["email", "given_name"], wait_s=1.5)
    line = json.loads(out.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "http.request.retried",
        "level": "info",
        "connection": "shop",
        "entity_id": 7,
        "fields": ["email", "given_name"],
        "wait_s": 1.5,
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("email", "x"),
        ("token", "x"),
        ("headers", {"a": "b"}),
        ("field", "anna@example.com"),
        ("field", {"given_name": "Anna"}),
        ("fields", ["email", "anna@example.com"]),
        ("reason", "Bearer abc"),
        ("reason", "x" * 201),
        ("path", "/a\nforged line"),
        ("external_id", "+4915112345678"),
    ],
)
def test_log_redacts_when_key_is_unknown_or_value_looks_personal(out: io.StringIO, key: str, value: object) -> None:
    log().info(Event.HTTP_REQUEST_RETRIED, **{key: value})
    assert json.loads(out.getvalue())[key] == "[redacted]"


def test_log_keeps_type_and_place_but_no_text_when_an_error_is_given(out: io.StringIO) -> None:
    try:
        raise Unavailable("anna is away")
    except Unavailable:
        log().exception(Event.HTTP_REQUEST_FAILED)
    line = json.loads(out.getvalue())
    assert (line["error"], line["code"]) == ("Unavailable", "unavailable")
    assert line["at"][0].startswith("test_events.py:")
    assert "anna" not in out.getvalue()


def test_configure_silences_libraries_that_log_addresses(out: io.StringIO) -> None:
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)


def test_configure_writes_text_for_people_when_not_json() -> None:
    stream = io.StringIO()
    configure_logging(json=False, stream=stream)
    log().info(Event.HTTP_LIMIT_REACHED, connection="shop", secret="s3cr3t")
    structlog.reset_defaults()
    assert "http.limit.reached" in stream.getvalue()
    assert "s3cr3t" not in stream.getvalue()


class Full(io.StringIO):
    """A file on a full disk."""

    tried = 0

    def write(self, text: str) -> int:
        self.tried += 1
        raise OSError(errno.ENOSPC, "No space left on device")


def test_log_goes_on_when_its_disk_is_full() -> None:
    full = Full()
    configure_logging(json=True, stream=full)
    log().error(Event.RUNTIME_DISK_FILLED, size_bytes=0)
    assert full.tried
