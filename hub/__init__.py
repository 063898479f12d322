"""Syncline: one canonical store between a retailer's systems, kept in agreement with all of them.

A record comes in at `hub.ingest`, becomes canonical in `hub.normalise`, is decided in `hub.reconcile` (and `hub.retail`
for quantities), is committed by `hub.store`, and goes out through `hub.push`. `hub.pipeline` is the one place that knows
this order. Connectors live beside this package and import `hub.sdk` only.
"""

__version__ = "0.1.0"
