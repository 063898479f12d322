"""Stage 3: what an observation means. Pure: values in, values out, no I/O.

In: a canonical record (or "gone", or the result of our own attempt) and what is known (`hub.model.known.Known`).
Out: the same working set with claims, golden records, journal lines and questions changed.
Keeps invariants 3, 4, 5, 6, 7, 8 and 12. The rules are numbered in docs/explanation/rules.md.
"""

from hub.reconcile.golden import settle
from hub.reconcile.observe import Ruling, observe, observe_gone
from hub.reconcile.outcome import apply_outcome
from hub.reconcile.remap import remap
from hub.reconcile.survive import Candidate, candidates, survive

__all__ = [
    "Candidate",
    "Ruling",
    "apply_outcome",
    "candidates",
    "observe",
    "observe_gone",
    "remap",
    "settle",
    "survive",
]
