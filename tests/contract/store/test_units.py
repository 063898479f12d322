from hub.store import Store


def test_unit_draws_ids_again_when_it_rolls_back(store: Store) -> None:
    with store.unit() as unit:
        assert unit.next_id("link", 3) == 1
    with store.unit() as unit:
        assert unit.next_id("link") == 4
