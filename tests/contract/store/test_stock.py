from hub.model.ledger import Balance, Movement
from hub.store import Store


def movement(ident: int, delta: int, document: str | None = None, *, variant: int = 1, quantity: str = "on_hand") -> Movement:
    return Movement(ident, variant, 2, 3, "till", quantity, delta, 4, 5, 6, "sale", document)


def test_balance_is_the_sum_of_its_movements(store: Store) -> None:
    given = [movement(1, 10), movement(2, -3), movement(3, 5, quantity="reserved"), movement(4, 1, variant=9)]
    with store.unit() as unit:
        assert unit.append_movements(given) == given
    with store.unit() as unit:
        unit.append_movements([movement(5, -9)])
        assert unit.balances([(1, 2), (9, 2), (8, 8)]) == {
            (1, 2): Balance(1, 2, -2),
            (8, 8): Balance(8, 8),
            (9, 2): Balance(9, 2, 1),
        }
        assert unit.movements(1, 2) == [given[0], given[1], given[2], movement(5, -9)]
        assert unit.movements(1, 2, after=2, limit=1) == [given[2]]


def test_document_moves_a_quantity_once(store: Store) -> None:
    with store.unit() as unit:
        assert unit.append_movements(
            [movement(1, -1, "o1"), movement(2, -1, "o1"), movement(3, 1, "o1", quantity="reserved")]
        ) == [
            movement(1, -1, "o1"),
            movement(3, 1, "o1", quantity="reserved"),
        ]
        assert unit.append_movements([movement(4, -1, "o1")]) == []
        assert unit.balances([(1, 2)]) == {(1, 2): Balance(1, 2, -1)}


def test_opened_level_stays_opened_when_it_moves(store: Store) -> None:
    with store.unit() as unit:
        unit.open_levels([(1, 2)])
        unit.append_movements([movement(1, 4)])
        assert unit.balances_of([1]) == [Balance(1, 2, 4, opened=True)]
