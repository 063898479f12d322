"""What the workers of one connection are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.sdk import Sink, Stream


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a lane is made of: the connection's client, streams and sinks, how often it polls and how many writes may overlap."""

    name: str
    client: Any
    streams: Mapping[str, Stream[Any]]
    sinks: Mapping[str, Sink[Any]]
    polled: tuple[str, ...]
    every_s: float
    full_every_s: float
    writes_at_once: int = 1
