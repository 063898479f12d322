"""Brakes: a share of a stream above its limit waits for a yes, whatever the mode (DESIGN section 6)."""

from __future__ import annotations

from hub.mapping.ground import Ground
from hub.model.delivery import DeliveryState
from hub.model.values import SECOND, Micros
from hub.store.unit import Unit

WINDOW: Micros = 600 * SECOND
"""What is counted together: mass changes arrive in pages and trickle."""
LEAST = 5
"""So few changes at once never brake: in a small stream any share is large."""


def brake(unit: Unit, ground: Ground, connection: str, now: Micros) -> int:
    """Stop the open price changes or deletes of a stream where they are too many at once; return how many were stopped."""
    stopped = 0
    for (stream, about), count in unit.braked(connection, now - WINDOW).items():
        share = ground.config.brakes.prices if about == "prices" else ground.config.brakes.deletes
        # Rule 6.23
        if count <= LEAST or count <= share * unit.live_count(connection, stream):
            continue
        deliveries = unit.deliveries_about(connection, stream, about)
        for delivery in deliveries:
            delivery.brake, delivery.state, delivery.wait = about, DeliveryState.ASKING, f"{count} {about} at once"
        unit.save_deliveries(deliveries)
        stopped += len(deliveries)
    return stopped
