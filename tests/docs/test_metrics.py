"""The page of metrics says what the code does."""

from __future__ import annotations

from tests.docs.metrics import PAGE, page


def test_page_of_metrics_is_what_the_code_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.docs.metrics"
