"""Stage 2: a raw record becomes canonical records. Pure.

In: a payload and the compiled mapping of its stream. Out: one observation for it and one for each of its parts, drift, or the
reason why it was skipped or refused. Keeps invariants 7 and 8.
"""

from hub.normalise.normalise import Normalised, digest_of, normalise

__all__ = ["Normalised", "digest_of", "normalise"]
