from hub.model.link import LinkKey, LinkState
from hub.store import Digest, Store
from tests.contract.store.samples import full_link, link


def test_link_comes_back_whole_when_every_field_is_set(store: Store) -> None:
    given = full_link(3)
    with store.unit() as unit:
        unit.save_links([given])
    with store.unit() as unit:
        found = unit.links([LinkKey("shop", "levels", given.external_id), LinkKey("shop", "levels", "none")])
        assert found == {LinkKey("shop", "levels", given.external_id): given}
        assert unit.links_by_id([3, 4]) == {3: given}
        assert unit.links_of([5, 6]) == [given]


def test_link_comes_back_whole_when_only_its_suspicion_is_set(store: Store) -> None:
    given = [link(1, suspect_version=0), link(2, suspect_at=4), link(3, quiet_until=5), link(4, refs={"a": "b"})]
    with store.unit() as unit:
        unit.save_links(given)
        assert list(unit.links_by_id([1, 2, 3, 4]).values()) == given


def test_saving_a_link_again_replaces_it(store: Store) -> None:
    with store.unit() as unit:
        unit.save_links([link(1, mapping="old"), link(1, mapping="new"), link(2)])
        unit.save_links([link(2, entity_id=9, state=LinkState.ENDED)])
        assert unit.links_by_id([1, 2]) == {1: link(1, mapping="new"), 2: link(2, entity_id=9, state=LinkState.ENDED)}


def test_links_come_in_the_order_of_ids_across_streams(store: Store) -> None:
    given = [link(n, entity_id=1) for n in (9, 2, 11)]
    with store.unit() as unit:
        unit.save_links(given)
        assert [found.id for found in unit.links_of([1])] == [2, 9, 11]
        assert list(unit.links_by_id([11, 9, 2])) == [2, 9, 11]
        assert [found.id for found in unit.links(LinkKey("shop", "customers", n) for n in ("9", "2", "11")).values()] == [
            2,
            9,
            11,
        ]


def test_digests_leave_out_links_that_are_ended_fenced_or_owe_a_read(store: Store) -> None:
    given = [
        link(1, digest=b"d1", epoch=7),
        link(2, digest=b"d2", state=LinkState.ENDED),
        link(3, digest=b"d3", attempt_id=5),
        link(4, digest=b"d4", owed_read=True),
    ]
    with store.unit() as unit:
        unit.save_links(given)
        assert unit.digests("shop", "customers", ["1", "2", "3", "4", "5"]) == {"1": Digest(1, b"d1", 7)}
        assert unit.digests("till", "customers", ["1"]) == {}
        assert unit.digests("shop", "customers", []) == {}


def test_raws_come_back_as_given_and_the_latest_stays(store: Store) -> None:
    with store.unit() as unit:
        unit.save_raws({1: b'{"a":1}', 2: b"x" * 5000})
        unit.save_raws({1: b'{"a":2}'})
        assert unit.raws([1, 2, 3]) == {1: b'{"a":2}', 2: b"x" * 5000}
