"""The suite that every connector inherits.

    class TestSquare(ConnectorContract):
        case = Case(...)

What a connector declares (streams, safe kinds, a webhook door) decides which of these tests it gets.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from hub.errors import AuthFailed, BadPayload, Forged, HubError, RateLimited, TimedOut, Unavailable
from hub.mapping import load
from hub.sdk.base import AnswerKind, Change, Operation, Safe, WebhookRequest
from hub.sdk.manifest import differences, load_manifest
from hub.sdk.readme import refresh
from tests.contract.connectors.case import WEBHOOK_URL, Case, World, value_at, without
from tests.laws import check_laws

Answering = Callable[[httpx.Request], httpx.Response]


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def _break_off(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("broken off", request=request)


def _answer(status: int, text: str = "", **headers: str) -> Answering:
    return lambda _: httpx.Response(status, text=text, headers=headers)


READING: dict[str, tuple[Answering, type[HubError]]] = {
    "refused": (_refuse, Unavailable),
    "broken_off": (_break_off, TimedOut),
    "500": (_answer(500, "oops"), Unavailable),
    "429": (_answer(429, "", **{"retry-after": "3600"}), RateLimited),
    "401": (_answer(401, "{}"), AuthFailed),
    "html": (_answer(200, "<html>"), BadPayload),
    "number": (_answer(200, "42"), BadPayload),
    "text": (_answer(200, '"text"'), BadPayload),
    "null": (_answer(200, "null"), BadPayload),
    "list_of_numbers": (_answer(200, "[1]"), BadPayload),
}
WRITING: dict[str, tuple[Answering, type[HubError]]] = {
    "refused": (_refuse, Unavailable),
    "broken_off": (_break_off, TimedOut),
    "500": (_answer(500, "oops"), TimedOut),
    "429": (_answer(429, "", **{"retry-after": "3"}), RateLimited),
    "401": (_answer(401, "{}"), AuthFailed),
    "html": (_answer(200, "<html>"), TimedOut),
}
KEYED = frozenset({Safe.IDEMPOTENCY_KEY})
MAPPINGS = Path(__file__).parents[3] / "mappings"
FOUND = frozenset({Safe.NATURAL_KEY, Safe.MARKER})
CHECKED = frozenset({Safe.VERSION, Safe.COMPARE_AND_SET})


class ConnectorBasics:
    """What holds without a simulator: what a connector says of itself, and what it makes of a broken line."""

    case: ClassVar[Case]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test the streams it is about."""
        case, sinks = type(self).case, type(self).case.connector.sinks
        about = {
            "stream": list(case.streams),
            "paged": [name for name, one in case.streams.items() if one.pages],
            "mapped": [name for name in case.streams if (MAPPINGS / case.connector.name / f"{name}.yaml").exists()],
            "incremental": [name for name in case.streams if case.connector.streams[name].incremental],
            "hinted": [name for name, one in case.streams.items() if case.signature_header and one.touch and one.hints],
            "creates": [name for name in case.streams if name in sinks and sinks[name].create],
            "keyed": [name for name in case.streams if name in sinks and sinks[name].create in KEYED],
            "found": [name for name in case.streams if name in sinks and sinks[name].create in FOUND],
            "updates": [name for name in case.streams if name in sinks and sinks[name].update],
            "checked": [name for name in case.streams if name in sinks and sinks[name].update in CHECKED],
            "deletes": [name for name in case.streams if name in sinks and sinks[name].delete],
            "adjusts": [name for name in case.streams if name in sinks and sinks[name].adjust],
            "adjusts_keyed": [name for name in case.streams if name in sinks and sinks[name].adjust in KEYED],
            "reading": list(READING),
            "writing": list(WRITING),
        }
        for name in metafunc.fixturenames:
            if name in about:
                metafunc.parametrize(name, about[name])

    @pytest.fixture
    def world(self) -> World:
        return World(type(self).case)

    # what it says of itself

    def test_manifest_agrees_with_the_code(self) -> None:
        manifest = load_manifest(self.case.folder / "manifest.yaml")
        assert differences(self.case.connector, manifest) == []

    def test_manifest_knows_every_setting_of_the_case(self) -> None:
        manifest = load_manifest(self.case.folder / "manifest.yaml")
        assert set(self.case.settings) <= set(manifest.settings)

    def test_readme_is_up_to_date(self) -> None:
        text = (self.case.folder / "README.md").read_text("utf-8")
        assert refresh(text, load_manifest(self.case.folder / "manifest.yaml")) == text

    def test_case_covers_every_stream(self) -> None:
        assert set(self.case.streams) == set(self.case.connector.streams)

    def test_client_makes_no_call_and_shows_no_secret(self, world: World) -> None:
        assert world.requests == 0
        assert [secret for secret in self.case.secrets if secret in repr(world.client)] == []

    def test_probe_names_the_account(self, world: World) -> None:
        assert self.case.connector.probe(world.client).strip()

    def test_fetch_asks_nothing_when_there_are_no_ids(self, world: World, stream: str) -> None:
        before = world.requests
        assert world.fetch(stream) == []
        assert world.requests == before

    def test_reading_raises_the_right_error(self, world: World, stream: str, reading: str) -> None:
        world.broken, expected = READING[reading]
        with pytest.raises(HubError) as paged:
            world.read(stream)
        with pytest.raises(HubError) as fetched:
            world.fetch(stream, self.case.streams[stream].unknown_id)
        assert (type(paged.value), type(fetched.value)) == (expected, expected)
        assert [secret for secret in self.case.secrets if secret in f"{paged.value}{fetched.value}"] == []


class ConnectorContract(ConnectorBasics):
    """Inherit, set `case`, done."""

    # reading

    def test_page_reads_every_record_once_when_edges_share_a_time(self, world: World, stream: str) -> None:
        case = self.case.streams[stream]
        first = list(case.make(world.fake, case.count))
        world.pass_time(60)
        second = list(case.make(world.fake, case.count))
        world.pass_time(60)
        read = [case.identity(doc) for doc in world.docs(stream)]
        made = [one for one in read if one in {*first, *second}]
        assert sorted(made) == sorted([*first, *second])
        assert len(read) == len(set(read))
        in_order = [one in second for one in made]
        assert in_order == sorted(in_order) or not case.ordered

    def test_page_needs_more_than_one_page_when_there_are_many(self, world: World, paged: str) -> None:
        case = self.case.streams[paged]
        case.make(world.fake, case.count * 2)
        world.pass_time(60)
        pages = world.read(paged)
        assert len(pages) > 1
        assert pages[-1].token is None

    def test_page_returns_what_changed_at_or_after_since(self, world: World, incremental: str) -> None:
        case = self.case.streams[incremental]
        old = set(case.make(world.fake, 2))
        world.pass_time(60)
        since = world.clock.now()
        new = set(case.make(world.fake, case.count))
        world.pass_time(60)
        read = {case.identity(doc) for doc in world.docs(incremental, since)}
        assert new <= read
        assert not old & read

    def test_fetch_returns_what_page_returned(self, world: World, stream: str) -> None:
        case = self.case.streams[stream]
        made = set(case.make(world.fake, 3))
        world.pass_time(60)
        paged = {case.identity(doc): doc for doc in world.docs(stream)}
        fetched = {case.identity(doc): doc for doc in world.fetch(stream, *sorted(made))}
        assert fetched == {one: paged[one] for one in made}

    def test_fetch_omits_ids_that_do_not_exist(self, world: World, stream: str) -> None:
        case = self.case.streams[stream]
        (made,) = case.make(world.fake, 1)
        world.pass_time(60)
        assert [case.identity(doc) for doc in world.fetch(stream, case.unknown_id, made)] == [made]
        assert world.fetch(stream, case.unknown_id) == []

    def test_documents_are_plain_json(self, world: World, stream: str) -> None:
        doc = world.one(stream)
        assert json.loads(json.dumps(doc)) == doc

    def test_mapping_keeps_the_laws_on_what_the_stream_shows(self, world: World, mapped: str) -> None:
        file = MAPPINGS / self.case.connector.name / f"{mapped}.yaml"
        check_laws(load(file.read_text("utf-8"), file.name), [world.one(mapped)], self.case.settings)

    # webhooks

    def _hooked(self, world: World, stream: str) -> tuple[str, list[WebhookRequest]]:
        case = self.case.streams[stream]
        (made,) = case.make(world.fake, 1)
        world.fake.take_webhooks()
        world.pass_time(5)
        assert case.touch is not None
        case.touch(world.fake, made)
        sent = world.fake.take_webhooks()
        assert sent, "touch sends a webhook"
        now = world.clock.now()
        return made, [
            WebhookRequest(WEBHOOK_URL, {name.lower(): value for name, value in one.headers.items()}, one.body, now)
            for one in sent
        ]

    def test_receive_hints_at_the_record_when_signature_holds(self, world: World, hinted: str) -> None:
        made, requests = self._hooked(world, hinted)
        names = self.case.connector.webhook_settings  # the process that answers webhooks knows no others
        assert names is not None
        settings = {name: self.case.settings[name] for name in names & self.case.settings.keys()}
        hints = [hint for request in requests for hint in self.case.connector.receive(request, settings)]
        again = [hint for request in requests for hint in self.case.connector.receive(request, settings)]
        assert (hinted, made) in {(hint.stream, hint.external_id) for hint in hints}
        assert hints == again
        assert {hint.stream for hint in hints} <= set(self.case.connector.streams)

    def test_receive_raises_forged_before_it_parses(self, world: World, hinted: str) -> None:
        _, (request, *_) = self._hooked(world, hinted)
        headers, name = dict(request.headers), self.case.signature_header
        assert name in headers
        forged = [
            replace(request, body=request.body + b" "),
            replace(request, body=b"this is no JSON"),
            replace(request, body=b""),
            replace(request, headers={key: value for key, value in headers.items() if key != name}),
            replace(request, headers=headers | {name: ""}),
            replace(request, headers=headers | {name: headers[name][:-4] + "AAA="}),
            replace(request, headers=headers | {name: "\u00e4"}),
        ]
        for one in forged:
            with pytest.raises(Forged):
                self.case.connector.receive(one, self.case.settings)

    def test_receive_raises_forged_when_the_secret_differs(self, world: World, hinted: str) -> None:
        _, (request, *_) = self._hooked(world, hinted)
        settings = dict(self.case.settings)
        for other in ({key: value + "x" for key, value in settings.items()}, dict.fromkeys(settings, "")):
            with pytest.raises(Forged):
                self.case.connector.receive(request, other)

    # writing

    def _changes(self, world: World, stream: str) -> list[Change]:
        sink, case = self.case.connector.sinks[stream], self.case.streams[stream]
        doc = world.one(stream)
        return [
            *([world.creation(stream)] if sink.create else []),
            *([world.change(stream, doc)] if sink.update else []),
            *([world.deletion(stream, doc)] if sink.delete else []),
            *([case.adjust(world.fake)] if case.adjust else []),
        ]

    def test_calls_are_pure_and_plain_json(self, world: World, stream: str) -> None:
        sink = self.case.connector.sinks.get(stream)
        changes = self._changes(world, stream) if sink else []
        requests = world.requests
        for change in changes:
            frozen = copy.deepcopy(change)
            first = [(call.name, call.body) for call in sink.calls(change)] if sink else []
            second = [(call.name, call.body) for call in sink.calls(change)] if sink else []
            assert first, f"{change.operation} needs a call"
            assert json.dumps(first) == json.dumps(second)
            assert change == frozen
        assert world.requests == requests

    def test_create_makes_a_record_that_can_be_fetched(self, world: World, creates: str) -> None:
        case, change = self.case.streams[creates], world.creation(creates)
        answer = world.send(creates, change)
        assert answer.kind is AnswerKind.DONE
        assert answer.external_id
        (doc,) = world.fetch(creates, answer.external_id)
        assert case.identity(doc) == answer.external_id
        assert {path: value_at(doc, path) for path in change.paths} == {
            path: value_at(change.after, path) for path in change.paths
        }
        assert answer.doc is None or answer.doc == doc

    def test_create_makes_one_record_when_sent_twice_with_one_key(self, world: World, keyed: str) -> None:
        first = world.send(keyed, world.creation(keyed))
        world.pass_time(self.case.streams[keyed].lag_s)
        before = {self.case.streams[keyed].identity(doc) for doc in world.docs(keyed)}
        world.pass_time(self.case.streams[keyed].lag_s)
        second = world.send(keyed, world.creation(keyed))
        world.pass_time(self.case.streams[keyed].lag_s)
        assert (second.kind, second.external_id) == (AnswerKind.DONE, first.external_id)
        assert {self.case.streams[keyed].identity(doc) for doc in world.docs(keyed)} == before | {first.external_id}

    def test_create_makes_two_records_when_keys_differ(self, world: World, keyed: str) -> None:
        answers = [world.send(keyed, world.creation(keyed), key) for key in ("one", "two")]
        ids = {answer.external_id for answer in answers if answer.kind is AnswerKind.DONE}
        clashes = [answer for answer in answers if answer.kind is AnswerKind.CLASH]
        assert len(ids) + len(clashes) == 2

    def test_find_returns_the_record_only_once_it_was_created(self, world: World, found: str) -> None:
        sink, change = self.case.connector.sinks[found], world.creation(found)
        assert list(sink.find(world.client, change)) == []
        answer = world.send(found, change)
        assert [self.case.streams[found].identity(doc) for doc in sink.find(world.client, change)] == [answer.external_id]

    def test_update_changes_its_paths_and_nothing_else(self, world: World, updates: str) -> None:
        case, before = self.case.streams[updates], world.one(updates)
        change = world.change(updates, before)
        answer = world.send(updates, change)
        (after,) = world.fetch(updates, case.identity(before))
        assert answer.kind is AnswerKind.DONE
        assert {path: value_at(after, path) for path in change.paths} == {
            path: value_at(change.after, path) for path in change.paths
        }
        apart = case.volatile | {path.split(".")[0] for path in change.paths}
        assert without(after, apart) == without(before, apart)
        assert answer.doc is None or answer.doc == after

    def test_update_is_done_when_value_is_the_same(self, world: World, updates: str) -> None:
        case, before = self.case.streams[updates], world.one(updates)
        assert world.send(updates, world.change(updates, before, same=True)).kind is AnswerKind.DONE
        (after,) = world.fetch(updates, case.identity(before))
        assert without(after, case.volatile) == without(before, case.volatile)

    def test_update_is_stale_when_somebody_was_faster(self, world: World, checked: str) -> None:
        case, before = self.case.streams[checked], world.one(checked)
        world.pass_time(5)
        assert case.touch is not None
        case.touch(world.fake, case.identity(before))
        (touched,) = world.fetch(checked, case.identity(before))
        assert world.send(checked, world.change(checked, before)).kind is AnswerKind.STALE
        assert world.fetch(checked, case.identity(before)) == [touched]

    def test_update_is_gone_when_there_is_no_such_record(self, world: World, updates: str) -> None:
        case = self.case.streams[updates]
        change = world.change(updates, world.one(updates))
        lost = Change(Operation.UPDATE, case.unknown_id, change.before, change.after, change.paths, change.version)
        assert world.send(updates, lost).kind is AnswerKind.GONE

    def test_delete_removes_the_record_and_is_gone_when_repeated(self, world: World, deletes: str) -> None:
        case, before = self.case.streams[deletes], world.one(deletes)
        assert world.send(deletes, world.deletion(deletes, before)).kind is AnswerKind.DONE
        assert world.fetch(deletes, case.identity(before)) == []
        assert world.send(deletes, world.deletion(deletes, before), "other key").kind is AnswerKind.GONE

    def test_adjust_moves_the_level_by_the_delta(self, world: World, adjusts: str) -> None:
        case = self.case.streams[adjusts]
        assert case.adjust, f"the case of {adjusts} needs `adjust`"
        assert case.level, f"the case of {adjusts} needs `level`"
        change = case.adjust(world.fake)
        before = case.level(world.fake)
        assert world.send(adjusts, change).kind is AnswerKind.DONE
        assert case.level(world.fake) == before + change.after["delta"]

    def test_adjust_counts_once_when_sent_twice_with_one_key(self, world: World, adjusts_keyed: str) -> None:
        case = self.case.streams[adjusts_keyed]
        assert case.adjust
        assert case.level
        change = case.adjust(world.fake)
        before = case.level(world.fake)
        answers = [world.send(adjusts_keyed, change).kind for _ in range(2)]
        assert answers == [AnswerKind.DONE, AnswerKind.DONE]
        assert case.level(world.fake) == before + change.after["delta"]

    def test_writing_raises_the_right_error_and_sends_once(self, world: World, updates: str, writing: str) -> None:
        change = world.change(updates, world.one(updates))
        before = world.requests
        world.broken, expected = WRITING[writing]
        with pytest.raises(HubError) as caught:
            world.send(updates, change)
        assert isinstance(caught.value, (expected, Unavailable))  # a sink may look before it writes: that read fails safely
        assert type(caught.value) is expected or world.requests > before + 1
        assert [secret for secret in self.case.secrets if secret in str(caught.value)] == []
