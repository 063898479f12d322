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


def test_missing_links_are_live_ones_the_window_has_not_seen(store: Store) -> None:
    with store.unit() as unit:
        unit.save_links([link(1), link(2), link(3, state=LinkState.ENDED), link(4)])
        unit.see_window("shop", "customers", 9, ["1", "1", "new"])
        unit.see_window("shop", "customers", 9, ["1"])
        unit.see_window("shop", "customers", 8, ["2"])
        unit.see_window("till", "customers", 9, ["4"])
        assert unit.missing_links("shop", "customers", 9) == [link(2), link(4)]
        assert unit.missing_links("shop", "customers", 9, after=2, limit=1) == [link(4)]
        assert unit.live_count("shop", "customers") == 3
        unit.clear_window("shop", "customers")
        assert len(unit.missing_links("shop", "customers", 9)) == 3
        assert len(unit.missing_links("shop", "customers", 8)) == 3


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
