"""The suite catches connectors that are wrong: each mutant below fails the test that names its mistake."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest

from hub.errors import HubError
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Cursor, Hint, Page, Safe, Sink, Stream, VersionKind, WebhookRequest
from tests.contract.connectors.case import Case, World
from tests.contract.connectors.contract import ConnectorContract
from tests.contract.connectors.example.code import Client, Example, People, PeopleSink
from tests.contract.connectors.test_example import CASE


class LosesEdges(People):
    def page(self, client: Client, cursor: Cursor) -> Page:
        page = super().page(client, cursor)
        return Page(page.docs[1:] if cursor.token else page.docs, page.token)


class ReadsTwice(People):
    def page(self, client: Client, cursor: Cursor) -> Page:
        page = super().page(client, cursor)
        return Page([*page.docs, page.docs[-1]], page.token)


class StopsEarly(People):
    def page(self, client: Client, cursor: Cursor) -> Page:
        return Page(super().page(client, cursor).docs)


class Disordered(People):
    def page(self, client: Client, cursor: Cursor) -> Page:
        page = super().page(client, cursor)
        return Page(list(reversed(page.docs)), page.token)


class IgnoresSince(People):
    def page(self, client: Client, cursor: Cursor) -> Page:
        return super().page(client, Cursor(None, cursor.token))


class FetchesOtherShape(People):
    def fetch(self, client: Client, ids: Sequence[str]) -> Sequence[Doc]:
        return [{"person": doc, "id": doc["id"]} for doc in super().fetch(client, ids)]


class InventsUnknown(People):
    def fetch(self, client: Client, ids: Sequence[str]) -> Sequence[Doc]:
        found = {doc["id"]: doc for doc in super().fetch(client, ids)}
        return [found.get(one, {"id": one}) for one in ids]


class AsksForNothing(People):
    def fetch(self, client: Client, ids: Sequence[str]) -> Sequence[Doc]:
        return client.get(ids=",".join(ids))["people"]


class SwallowsErrors(People):
    def page(self, client: Client, cursor: Cursor) -> Page:
        try:
            return super().page(client, cursor)
        except HubError:
            return Page([])


class Trusts(Example):
    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        body = json.loads(request.body)
        return [Hint("people", body["person"]["id"], body["event"])]


class ParsesFirst(Example):
    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        json.loads(request.body)
        return super().receive(request, settings)


class HintsElsewhere(Example):
    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        return [dataclasses.replace(hint, external_id="0") for hint in super().receive(request, settings)]


class CallsAtOnce(Example):
    def client(self, settings: Mapping[str, str], http: Any) -> Client:
        made = super().client(settings, http)
        self.probe(made)
        return made


class Impure(PeopleSink):
    counter = itertools.count()

    def calls(self, change: Change) -> Sequence[Call]:
        return [Call(call.name, call.body | {"n": next(self.counter)}) for call in super().calls(change)]


class ChangesTheChange(PeopleSink):
    def calls(self, change: Change) -> Sequence[Call]:
        change.after["name"] = "other"
        return super().calls(change)


class ForgetsKey(PeopleSink):
    counter = itertools.count()

    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        return super().send(client, call, f"{key}{next(self.counter)}", external_id)


class OneKeyForAll(PeopleSink):
    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        return super().send(client, call, "constant", external_id)


class ForcesVersion(PeopleSink):
    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        version = People().fetch(client, [external_id])[0]["version"] if external_id else 0
        return super().send(client, Call(call.name, call.body | {"version": version}), key, external_id)


class SaysDone(PeopleSink):
    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        return dataclasses.replace(super().send(client, call, key, external_id), kind=AnswerKind.DONE)


class DoesNothing(PeopleSink):
    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        return Answer(AnswerKind.DONE, external_id=external_id or "1")


class WritesMore(PeopleSink):
    def calls(self, change: Change) -> Sequence[Call]:
        return [Call(call.name, call.body | {"person": change.after | {"name": "WRITTEN"}}) for call in super().calls(change)]


class ReturnsStub(PeopleSink):
    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        answer = super().send(client, call, key, external_id)
        return dataclasses.replace(answer, doc={"id": answer.external_id})


class RetriesWrites(PeopleSink):
    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        try:
            return super().send(client, call, key, external_id)
        except HubError:
            return Answer(AnswerKind.REFUSED)


class FindsNothing(PeopleSink):
    create = Safe.MARKER

    def find(self, client: Client, change: Change) -> Sequence[Doc]:
        return []


class OtherVersion(People):
    version = VersionKind.CHANGED_AT


class OtherReach(People):
    incremental = False


class OtherSafe(PeopleSink):
    delete = Safe.NATURAL_KEY


def _case(mutant: type[Any]) -> Case:
    class Mutant(mutant if issubclass(mutant, Example) else Example):  # type: ignore[misc]
        streams: ClassVar[Mapping[str, Stream[Any]]] = {"people": mutant() if issubclass(mutant, Stream) else People()}
        sinks: ClassVar[Mapping[str, Sink[Any]]] = {"people": mutant() if issubclass(mutant, Sink) else PeopleSink()}

    return dataclasses.replace(CASE, connector=Mutant())


MUTANTS: list[tuple[type[Any], str, tuple[str, ...]]] = [
    (LosesEdges, "test_page_reads_every_record_once_when_edges_share_a_time", ("people",)),
    (ReadsTwice, "test_page_reads_every_record_once_when_edges_share_a_time", ("people",)),
    (StopsEarly, "test_page_reads_every_record_once_when_edges_share_a_time", ("people",)),
    (StopsEarly, "test_page_needs_more_than_one_page_when_there_are_many", ("people",)),
    (Disordered, "test_page_reads_every_record_once_when_edges_share_a_time", ("people",)),
    (IgnoresSince, "test_page_returns_what_changed_at_or_after_since", ("people",)),
    (FetchesOtherShape, "test_fetch_returns_what_page_returned", ("people",)),
    (InventsUnknown, "test_fetch_omits_ids_that_do_not_exist", ("people",)),
    (AsksForNothing, "test_fetch_asks_nothing_when_there_are_no_ids", ("people",)),
    (SwallowsErrors, "test_reading_raises_the_right_error", ("people", "500")),
    (Trusts, "test_receive_raises_forged_before_it_parses", ("people",)),
    (Trusts, "test_receive_raises_forged_when_the_secret_differs", ("people",)),
    (ParsesFirst, "test_receive_raises_forged_before_it_parses", ("people",)),
    (HintsElsewhere, "test_receive_hints_at_the_record_when_signature_holds", ("people",)),
    (CallsAtOnce, "test_client_makes_no_call_and_shows_no_secret", ()),
    (Impure, "test_calls_are_pure_and_plain_json", ("people",)),
    (ChangesTheChange, "test_calls_are_pure_and_plain_json", ("people",)),
    (ForgetsKey, "test_create_makes_one_record_when_sent_twice_with_one_key", ("people",)),
    (OneKeyForAll, "test_create_makes_two_records_when_keys_differ", ("people",)),
    (FindsNothing, "test_find_returns_the_record_only_once_it_was_created", ("people",)),
    (ForcesVersion, "test_update_is_stale_when_somebody_was_faster", ("people",)),
    (SaysDone, "test_update_is_stale_when_somebody_was_faster", ("people",)),
    (SaysDone, "test_update_is_gone_when_there_is_no_such_record", ("people",)),
    (SaysDone, "test_delete_removes_the_record_and_is_gone_when_repeated", ("people",)),
    (DoesNothing, "test_create_makes_a_record_that_can_be_fetched", ("people",)),
    (DoesNothing, "test_update_changes_its_paths_and_nothing_else", ("people",)),
    (WritesMore, "test_update_changes_its_paths_and_nothing_else", ("people",)),
    (WritesMore, "test_update_is_done_when_value_is_the_same", ("people",)),
    (ReturnsStub, "test_update_changes_its_paths_and_nothing_else", ("people",)),
    (RetriesWrites, "test_writing_raises_the_right_error_and_sends_once", ("people", "500")),
]
BASELINE = pytest.mark.parametrize(
    ("name", "streams"), sorted({(name, streams) for mutant, name, streams in MUTANTS if mutant is not FindsNothing})
)


def _breach(case: Case, name: str, streams: tuple[str, ...]) -> str:
    """Return in which way a connector breaks a law, "" where it keeps it."""
    suite = type("Suite", (ConnectorContract,), {"case": case})()
    try:
        getattr(suite, name)(World(case), *streams)
    except (AssertionError, pytest.fail.Exception, ValueError) as error:
        return type(error).__name__
    return ""


@pytest.mark.parametrize(("mutant", "name", "streams"), MUTANTS, ids=lambda value: getattr(value, "__name__", ""))
def test_suite_fails_when_connector_is_wrong(mutant: type[Any], name: str, streams: tuple[str, ...]) -> None:
    assert _breach(_case(mutant), name, streams) != ""


@BASELINE
def test_suite_passes_when_connector_is_right(name: str, streams: tuple[str, ...]) -> None:
    assert _breach(CASE, name, streams) == ""


@pytest.mark.parametrize("mutant", [OtherVersion, OtherReach, OtherSafe])
def test_manifest_check_fails_when_code_says_otherwise(mutant: type[Any]) -> None:
    suite = type("Suite", (ConnectorContract,), {"case": _case(mutant)})()
    with pytest.raises(AssertionError, match="in the manifest"):
        suite.test_manifest_agrees_with_the_code()
