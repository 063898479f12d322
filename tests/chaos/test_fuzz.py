"""The fuzz of `make chaos` finds what is broken, and says with which input."""

from random import Random

from tests.chaos.fuzz.run import feed
from tests.chaos.fuzz.spoil import scribble, spoil

SEED = 4711


def test_feed_tells_what_was_given_when_a_target_breaks() -> None:
    def target(drawn: int) -> None:
        assert drawn < 900, "too large"

    done, (wrong,) = feed(lambda chance: Random.randrange(chance, 1000), target, 5000, SEED)
    assert done < 5000
    assert "too large" in wrong
    assert "given 9" in wrong


def test_spoil_leaves_the_seed_as_it_is() -> None:
    seed = {"id": 1, "lines": [{"sku": "A"}]}
    assert spoil(seed, [(2, 0, None), (0, 1, None), (0, 3, "x")]) != seed
    assert seed == {"id": 1, "lines": [{"sku": "A"}]}
    assert scribble("a: 1\n", [(0, 2, "")]) == "a: 1\na: 1\n"
