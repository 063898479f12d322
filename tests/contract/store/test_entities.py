from hub.model.record import EntityType
from hub.model.run import JournalEntry
from hub.store import Store
from tests.contract.store.samples import entity, full_entity

CUSTOMER, VARIANT = EntityType.CUSTOMER, EntityType.VARIANT


def test_entity_comes_back_whole_when_every_field_is_set(store: Store) -> None:
    with store.unit() as unit:
        unit.save_entities([full_entity(3), entity(4)])
        assert unit.entities([4, 3, 5]) == {3: full_entity(3), 4: entity(4)}
        assert list(unit.entities([4, 3])) == [3, 4]
        assert unit.entities_of_type(CUSTOMER, after=3) == [entity(4)]
        assert unit.entities_of_type(VARIANT) == []


def test_resolve_follows_aliases_to_their_end(store: Store) -> None:
    with store.unit() as unit:
        unit.save_entities([entity(1), entity(2, alias_of=1), entity(3, alias_of=2), entity(4)])
        assert unit.resolve([3, 4, 1, 99]) == {1: 1, 3: 1, 4: 4, 99: 99}
        assert unit.aliases_of([1]) == [2]


def test_matches_return_every_link_that_carries_a_key(store: Store) -> None:
    rows = [
        (CUSTOMER, "email", "a@example.org", 2, 20),
        (CUSTOMER, "email", "a@example.org", 1, 10),
        (CUSTOMER, "phone", "+431", 1, 10),
        (VARIANT, "email", "a@example.org", 7, 70),
    ]
    with store.unit() as unit:
        unit.set_match_keys(rows)
        asked = [("phone", "+431"), ("email", "a@example.org"), ("email", "nobody")]
        assert unit.matches(CUSTOMER, asked) == {("email", "a@example.org"): [(1, 10), (2, 20)], ("phone", "+431"): [(1, 10)]}


def test_set_match_keys_removes_before_it_adds(store: Store) -> None:
    first, second = (CUSTOMER, "email", "a", 1, 10), (CUSTOMER, "email", "b", 1, 10)
    with store.unit() as unit:
        unit.set_match_keys([first, second])
        unit.set_match_keys([(CUSTOMER, "email", "b", 1, 11)], remove=[first, second])
        assert unit.matches(CUSTOMER, [("email", "a"), ("email", "b")]) == {("email", "b"): [(1, 11)]}


def test_match_keys_are_compared_byte_by_byte(store: Store) -> None:
    with store.unit() as unit:
        unit.set_match_keys([(CUSTOMER, "sku", value, 1, 1) for value in ("A-1", "a-1", "007", "é", "e\u0301")])
        assert list(unit.matches(CUSTOMER, [("sku", "a-1"), ("sku", "7"), ("sku", "é")])) == [("sku", "a-1"), ("sku", "é")]


def test_edits_between_are_those_of_the_time_with_both_ends_in_the_order_they_came(store: Store) -> None:
    given = [("edit", 9), ("edit", 13), ("edit", 10), ("sent", 11), ("edit", 14), ("edit", 12)]
    with store.unit() as unit:
        unit.append_journal(JournalEntry(n, at, 1, 5, kind, None, {}) for n, (kind, at) in enumerate(given, start=1))
        assert [entry.at for entry in unit.edits_between(10, 13)] == [13, 10, 12]


def test_journal_returns_the_newest_entries_oldest_first(store: Store) -> None:
    entries = [
        JournalEntry(n, 100 + n, n % 2, None if n == 3 else 5, "changed", "email", {"new": None, "n": n}) for n in range(1, 6)
    ]
    with store.unit() as unit:
        unit.append_journal(entries)
        assert unit.journal_of([1]) == [entries[0], entries[2], entries[4]]
        assert unit.journal_of([0, 1], limit=2) == entries[3:]
        assert unit.journal_after(3) == entries[3:]
