"""Names of the flags that the watching parts of the hub leave for `hub status`."""

from __future__ import annotations

from typing import Final

REFUSED: Final = "config_refused"
"""What is wrong with a changed file that is not followed."""
FOLLOWED: Final = "config_followed"
"""What came of the last change, as JSON."""
BOOK: Final = "alerts"
"""What was told to whom, as JSON: `hub.ops.book`."""
