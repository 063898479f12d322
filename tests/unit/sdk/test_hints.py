"""What a webhook that was signed well names must be an id."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import BadPayload
from hub.sdk import Hint
from hub.sdk.boundary import readable


@pytest.mark.parametrize(
    ("external_id", "event_id"), [("7", []), ("7", {}), ("7", "a\x00b"), (7, None), ("\x00", None), ("\ud800", None)]
)
def test_webhook_is_refused_when_it_names_what_is_no_id(external_id: Any, event_id: Any) -> None:
    with pytest.raises(BadPayload):
        readable([Hint("orders", external_id, event_id)])


@pytest.mark.parametrize("event_id", [None, "e1"])
def test_webhook_is_taken_when_what_it_names_is_an_id(event_id: str | None) -> None:
    hint = Hint("orders", "7", event_id)
    assert readable([hint]) == [hint]
