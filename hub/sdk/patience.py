"""How long a call may take. A module of its own: who only reads config.yaml needs no HTTP library for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what. `limited_s` bounds the sum of all waiting for a limit within one read."""

    connect_s: float = 5.0
    read_s: float = 30.0
    answer_s: float = 120.0
    tries: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    limited_s: float = 60.0
    unsaid_wait_s: float = 2.0
    """What a 429 without Retry-After asks for."""
