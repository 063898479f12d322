from dataclasses import replace

from hub.model.link import LinkState
from hub.model.run import CursorRow, HintRow, Run
from hub.store import Store
from hub.store.reads import EVENTS_KEPT
from tests.contract.store.samples import link


def hint(external_id: str, at: int = 5, **more: int) -> HintRow:
    return HintRow("shop", "customers", external_id, at, at, **more)


def test_cursor_comes_back_whole_when_every_field_is_set(store: Store) -> None:
    given = CursorRow("shop", "customers", 1, "t", 2, 3, 4, 5, 6, full=True, seen=7, total=8)
    with store.unit() as unit:
        assert unit.cursor("shop", "customers") == CursorRow("shop", "customers")
        unit.save_cursor(CursorRow("till", "customers"))
        unit.save_cursor(given)
        assert unit.cursors("shop") == {("shop", "customers"): given}
        assert list(unit.cursors()) == [("shop", "customers"), ("till", "customers")]


def test_sightings_say_of_each_link_whether_the_window_has_met_it(store: Store) -> None:
    more = {"linked_at": 7, "attempt_id": 8, "epoch": 9}
    with store.unit() as unit:
        unit.save_links([link(9, "1"), link(2), link(3, state=LinkState.ENDED), link(1, "4", **more)])
        unit.save_links([replace(link(5), stream="others"), replace(link(6), connection="till")])
        unit.see_window("shop", "customers", 9, ["1", "1", "new"])
        unit.see_window("shop", "customers", 9, ["1"])
        unit.see_window("shop", "customers", 8, ["2"])
        unit.see_window("till", "customers", 9, ["4"])
        assert [tuple(one) for one in unit.sightings("shop", "customers", 9, after="", limit=9)] == [
            ("1", True, 0, False, 0, True),
            ("2", True, 0, False, 0, False),
            ("3", False, 0, False, 0, False),
            ("4", True, 7, True, 9, False),
        ]
        assert [one.external_id for one in unit.sightings("shop", "customers", 9, after="1", limit=2)] == ["2", "3"]
        assert unit.live_count("shop", "customers") == 3


def test_window_is_forgotten_a_part_at_a_time_when_it_is_over(store: Store) -> None:
    with store.unit() as unit:
        for window, stream in ((8, "customers"), (9, "customers"), (9, "others")):
            unit.see_window("shop", stream, window, ["1", "2", "3"])
        unit.save_links([link(1), replace(link(2, "1"), stream="others")])
        assert [unit.shrink_window("shop", "customers", limit=4) for _ in range(3)] == [4, 2, 0]
        assert [one.is_seen for one in unit.sightings("shop", "customers", 9, after="", limit=9)] == [False]
        assert [one.is_seen for one in unit.sightings("shop", "others", 9, after="", limit=9)] == [True]
        unit.clear_window("shop", "others")
        assert [one.is_seen for one in unit.sightings("shop", "others", 9, after="", limit=9)] == [False]


def test_hints_about_one_record_collapse_and_keep_the_earliest_times(store: Store) -> None:
    with store.unit() as unit:
        unit.add_hints([hint("1", 7), hint("1", 6), hint("2", 8)])
        unit.add_hints([hint("1", 9)])
        assert unit.due_hints("shop", 8, 10) == [hint("1", 6, news=3), hint("2", 8)]
        assert unit.due_hints("shop", 7, 10) == [hint("1", 6, news=3)]
        assert unit.due_hints("shop", 8, 1) == [hint("1", 6, news=3)]
        assert unit.hint_counts() == {("shop", "customers"): 2}


def test_hint_stays_when_news_arrived_after_it_was_taken(store: Store) -> None:
    with store.unit() as unit:
        unit.add_hints([hint("1"), hint("2")])
        taken = unit.due_hints("shop", 9, 10)
        unit.add_hints([hint("1", 9)])
        unit.drop_hints(taken)
        assert unit.due_hints("shop", 9, 10) == [hint("1", 5, news=2)]


def test_hint_is_put_off_unless_news_arrived(store: Store) -> None:
    off = [HintRow("shop", "customers", n, 5, 50, 1, "unavailable") for n in ("1", "2")]
    with store.unit() as unit:
        unit.add_hints([hint("1"), hint("2")])
        unit.add_hints([hint("1")])
        unit.save_hints(off)
        assert [h.external_id for h in unit.due_hints("shop", 9, 10)] == ["1"]
        assert unit.due_hints("shop", 50, 10) == [hint("1", 5, news=2), off[1]]


def test_new_events_are_new_once_and_again_after_seven_days(store: Store) -> None:
    with store.unit() as unit:
        assert unit.new_events("shop", ["e1", "e2", "e1"], 1000) == {"e1", "e2"}
        assert unit.new_events("shop", ["e1", "e3"], 1000 + EVENTS_KEPT) == {"e3"}
        assert unit.new_events("till", ["e1"], 1000) == {"e1"}
        assert unit.new_events("shop", ["e1", "e3"], 1001 + EVENTS_KEPT) == {"e1"}


def test_runs_come_newest_first(store: Store) -> None:
    first, second = (
        Run(1, "shop", "customers", "poll", 5),
        Run(2, "till", "customers", "full", 6, 7, {"applied": 3}, "unavailable"),
    )
    with store.unit() as unit:
        unit.save_run(first)
        unit.save_run(second)
        assert unit.runs() == [second, first]
        assert unit.runs("shop") == [first]
        assert unit.runs(limit=1) == [second]
