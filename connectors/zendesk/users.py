"""Users: the people who write to the help desk, with their identities and the name of their organisation.

A document is Zendesk's user, with two things from the same answer laid beside it: `identities`, the ones of this user (the main
one of each type first), and `organization`, `{id, name}` or null. Where an answer brings no such list, the key is missing,
which is no statement. Read by `include=identities,organizations`: for `show_many` the vendor's staff say so
(support.zendesk.com, community post 4410103990042); for the export the contract points to the same table of sideloads.

The incremental export gives nothing of the most recent minute, and deleted users as `active: false`. So no read of it is
complete, and absence proves nothing here: deletions come as tombstones. `updated_at` has whole seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from connectors.zendesk.client import ZendeskClient, inside, listed, numbers, refusal
from hub.model.values import SECOND, Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Cursor, Operation, Page, Safe, Sink, Stream, VersionKind

EXPORT: Final = "/api/v2/incremental/users/cursor"
USERS: Final = "/api/v2/users"
SHOW_MANY: Final = "/api/v2/users/show_many"
INCLUDE: Final = "identities,organizations"
PAGE: Final = "1000"
"""The export takes ten requests a minute, so its pages are large."""
UPDATABLE: Final = ("name", "phone", "locale", "notes", "details", "alias", "tags", "user_fields")
"""What an update sends. Never `email`: on update it would add a second address to the account (contract, text of `email`)."""
CREATABLE: Final = (*UPDATABLE, "email")


def documents(answer: Doc) -> list[Doc]:
    """Return the users of an answer, each with its own identities and the name of its organisation."""
    docs = [dict(user) for user in listed(answer, "users")]
    if isinstance(answer.get("identities"), list):
        own: dict[Any, list[Doc]] = {doc.get("id"): [] for doc in docs}
        for identity in listed(answer, "identities"):
            own.setdefault(identity.get("user_id"), []).append(identity)
        for doc in docs:
            doc["identities"] = sorted(own[doc.get("id")], key=lambda one: (not one.get("primary"), one.get("id") or 0))
    if isinstance(answer.get("organizations"), list):
        names = {each.get("id"): {"id": each.get("id"), "name": each.get("name")} for each in listed(answer, "organizations")}
        for doc in docs:
            if doc.get("organization_id") is None or doc["organization_id"] in names:
                doc["organization"] = names.get(doc.get("organization_id"))
    return docs


def export_params(cursor: Cursor) -> dict[str, str]:
    """Return where an export goes on: at its cursor, or with what changed "on or after the start time" (vendor's guide)."""
    return {"cursor": cursor.token} if cursor.token else {"start_time": str((cursor.since or 0) // SECOND)}


def after_of(answer: Doc) -> str | None:
    """Return the token of an export's next page; None at its end."""
    token = answer.get("after_cursor")
    return str(token) if token and answer.get("end_of_stream") is not True else None


class UserStream(Stream[ZendeskClient]):
    """Users by time of change; one that changes meanwhile moves to the end."""

    name = "users"
    version = VersionKind.CHANGED_AT
    lists_all: ClassVar[bool] = False
    overlap_s: ClassVar[float] = 60.0
    visible_after_s: ClassVar[float] = 1.0
    fetch_limit: ClassVar[int] = 100

    def page(self, client: ZendeskClient, cursor: Cursor) -> Page:
        """Return one page of the export, deleted users too; an empty one where `since` is less than a minute ago."""
        answer = client.export(EXPORT, {**export_params(cursor), "include": INCLUDE, "per_page": PAGE})
        return Page(documents(answer), after_of(answer)) if answer else Page([])

    def fetch(self, client: ZendeskClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these users, deleted ones left out."""
        return [doc for some in numbers(ids) for doc in _shown(client, {"ids": some}) if doc.get("active") is not False]


def _shown(client: ZendeskClient, wanted: dict[str, str]) -> list[Doc]:
    return documents(client.read(SHOW_MANY, {**wanted, "include": INCLUDE}))


class UserSink(Sink[ZendeskClient]):
    """Creates end users with our id as `external_id`, changes what differs, deletes softly.

    `POST /users/create_or_update` would be one call less, but it finds its record by e-mail or external id and overwrites what
    stands there, an agent's account too, without having been seen. Who is the same person is for the hub to say; so a
    create only creates, and an address that is taken is a clash for a person to look at.

    Answers bring users without their identities, so they carry no document: the hub reads the record back.
    """

    name = "users"
    create = Safe.MARKER
    update = Safe.PLAIN
    delete = Safe.PLAIN  # by id, and looked at first: what is deleted already is gone
    marker: ClassVar[str | None] = "external_id"

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call. A create is told not to mail the person (`skip_verify_email`, vendor's Users API)."""
        match change.operation:
            case Operation.CREATE:
                given = {name: change.after[name] for name in CREATABLE if change.after.get(name) not in (None, "", [], {})}
                made = given | {"role": "end-user", "skip_verify_email": True}
                return [Call("create", {"user": made | ({"external_id": change.marker} if change.marker else {})})]
            case Operation.UPDATE:
                changed = {name: value for name, value in change.patch().items() if name in UPDATABLE}
                return [Call("update", {"user": changed})] if changed else []
            case Operation.DELETE:
                return [Call("delete", {})]
            case Operation.ADJUST | Operation.ACT:
                message = "users have no quantities, and nothing is done to them"
                raise ValueError(message)

    def send(self, client: ZendeskClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - no keys here
        """Send it."""
        if call.name == "create":
            return _create(client, call.body)
        if call.name == "delete":
            return _delete(client, external_id or "")
        reply = client.write("PUT", f"{USERS}/{external_id}", call.body)
        return refusal(reply, UPDATABLE) or Answer(AnswerKind.DONE, external_id=str(inside(reply, "user")["id"]))

    def find(self, client: ZendeskClient, change: Change) -> Sequence[Doc]:
        """Return the user that carries our marker, and whoever has the address: it may be taken by somebody who is there.

        The marker is looked up by external id, which shows a user at once; the search for the address is an index that lags.
        """
        found = _marked(client, change.marker) if change.marker else []
        email = change.after.get("email")
        ids = {doc["id"] for doc in found}
        return [*found, *(doc for doc in _addressed(client, email) if doc["id"] not in ids)] if email else found


def _marked(client: ZendeskClient, marker: str) -> list[Doc]:
    """Zendesk takes external ids of any case for the same (contract); so do we."""
    found = _shown(client, {"external_ids": marker})
    return [
        doc for doc in found if str(doc.get("external_id")).casefold() == marker.casefold() and doc.get("active") is not False
    ]


def _addressed(client: ZendeskClient, email: str) -> list[Doc]:
    """Return the users that have an address; searched by it, then read whole."""
    found = listed(client.read(f"{USERS}/search", {"query": f'email:"{email}"'}), "users")
    docs = [doc for some in numbers([str(each.get("id")) for each in found]) for doc in _shown(client, {"ids": some})]
    wanted = email.strip().lower()
    return [doc for doc in docs if doc.get("active") is not False and wanted in _addresses(doc)]


def _addresses(doc: Doc) -> set[str]:
    own = {str(each.get("value")).lower() for each in doc.get("identities") or () if each.get("type") == "email"}
    return own | {str(doc.get("email")).lower()}


def _create(client: ZendeskClient, body: Doc) -> Answer:
    """Create it; where our own id is taken, an earlier try did it."""
    reply = client.write("POST", USERS, body)
    refused = refusal(reply, (*CREATABLE, "external_id"))
    if refused is None:
        return Answer(AnswerKind.DONE, external_id=str(inside(reply, "user")["id"]))
    marker = body["user"].get("external_id")
    if refused.kind is AnswerKind.CLASH and refused.blames == "external_id" and marker:
        for doc in _marked(client, marker):
            return Answer(AnswerKind.DONE, external_id=str(doc["id"]))
    return refused


def _delete(client: ZendeskClient, external_id: str) -> Answer:
    """Delete softly, which an admin can undo; never `deleted_users`, which nobody can. Staff are not ours to delete."""
    there = [doc for some in numbers([external_id]) for doc in _shown(client, {"ids": some})]
    if not there or there[0].get("active") is False:
        return Answer(AnswerKind.GONE, reason="Zendesk has no such user, or it is deleted already.")
    if there[0].get("role") != "end-user":
        return Answer(AnswerKind.REFUSED, reason="This is an agent or an admin of the help desk.")
    refused = refusal(client.write("DELETE", f"{USERS}/{external_id}"), ())
    return refused or Answer(AnswerKind.DONE, external_id=external_id)
