"""The only module that knows the hub: what the world needs of it.

`run_world` of `tests.simulation.world` calls the factory it is given with the world; the factory builds the hub's objects from
`world.spec` (names, habits, who creates, policies), `world.clock`, `world.transports[name]` and the connectors of
`tests.simulation.connector`. Everything the hub keeps over a crash belongs to the adapter (the store's file).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hub.sdk.base import WebhookRequest
from tests.simulation.filing import Archive


class HubUnderTest(Protocol):
    """The hub as the world sees it. A crash also kills who calls `receive`, `resync` or `settle`: workers of its process."""

    def start(self) -> None:
        """Build everything on the kept store and start the workers. Called again after a crash."""

    def crash(self) -> None:
        """Forget everything but the store. All workers are dead already; close file handles without committing."""

    def stop(self) -> None:
        """Stop in good order."""

    def receive(self, connection: str, request: WebhookRequest) -> None:
        """Take a webhook; returns once it is committed. An error makes the sender try again."""

    def quiet(self) -> bool:
        """Whether nothing is due, nothing in flight, and every stream was read since the last thing happened."""

    def resync(self, connection: str) -> None:
        """Read a connection again, whole: the operator's verb."""

    def settle(self) -> None:
        """Answer open questions as an operator would (these are the same person; yes, create; deliver again)."""

    def open_items(self) -> Sequence[str]:
        """Name what is still open: deliveries, attempts, waiting records, dead letters, reviews but those of `not_kept`."""

    def not_kept(self) -> frozenset[tuple[str, str]]:
        """Return (connection, external id) of open reviews that say a system does not keep or rewrites our value."""


class Filing(HubUnderTest, Protocol):
    """A hub that keeps documents."""

    def archive(self) -> Archive:
        """Return what it says of documents, read when it was stopped."""
