"""Chance, settled for trials: a pytest plugin."""

from __future__ import annotations


class Settled:
    """Draws the same examples each time, and shrinks none: red is all there is to know."""

    def pytest_configure(self) -> None:
        """Settle it before tests are collected, which take their settings then."""
        from hypothesis import HealthCheck, Phase, settings  # pytest wants to rewrite it first

        settings.register_profile(
            "mutants",
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutants")
