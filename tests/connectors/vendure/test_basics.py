"""Vendure in the part of the inherited suite that needs no simulator; the rest runs against a real server (tests/live)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

import connectors.vendure
from connectors.vendure import CONNECTOR
from hub.model.values import Doc
from tests.connectors.vendure.shop import PASSWORD, Shop, bodies
from tests.contract.connectors.case import Case, StreamCase
from tests.contract.connectors.contract import ConnectorBasics


class _Recorded:
    """Answers as the live server did when it was asked for the account's facts."""

    def __init__(self, *_: object) -> None:
        self._shop = Shop(*bodies("account"))

    def respond(self, request: httpx.Request) -> httpx.Response:
        return self._shop.answer(request)


def _make(_: Any, __: int) -> Sequence[str]:
    return []


def _identity(doc: Doc) -> str:
    return str(doc["id"])


class TestVendure(ConnectorBasics):
    """What every connector must do."""

    case = Case(
        connector=CONNECTOR,
        fake=_Recorded,  # type: ignore[arg-type]  # it only answers
        settings=PASSWORD,
        streams={name: StreamCase(make=_make, identity=_identity) for name in CONNECTOR.streams},
        folder=Path(connectors.vendure.__file__).parent,
        secrets=(PASSWORD["password"],),
    )
