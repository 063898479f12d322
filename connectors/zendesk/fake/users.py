"""Users, identities and organisations of the simulated account.

Beyond the contract, from the vendor's pages and help centre: an e-mail in an update becomes a second identity; the main e-mail
and phone number are the primary identities; a phone number that somebody else has is taken as a shared one and makes no
identity; a deleted user stays as `active: false` without identities. Tags are words in lower case (from memory, unverified).
"""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from connectors.zendesk.fake.core import API, SITE, Core, Failure, expect, invalid, iso, missing, numbers, wanted
from hub.model.values import SECOND, Doc

WRITABLE: Final = {
    "name",
    "phone",
    "locale",
    "notes",
    "details",
    "alias",
    "tags",
    "user_fields",
    "external_id",
    "organization_id",
    "suspended",
    "time_zone",
}
CREATE_ONLY: Final = {"email", "role", "skip_verify_email", "verified", "identities"}
EVENTS: Final = {
    "name": "name_changed",
    "notes": "notes_changed",
    "details": "details_changed",
    "alias": "alias_changed",
    "tags": "tags_changed",
    "external_id": "external_id_changed",
    "user_fields": "custom_field_changed",
    "time_zone": "time_zone_changed",
}
"""Which event tells of which field; there is none for phone (its identity has one) and locale."""
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Users:
    """`fields`: keys of the account's user fields; a key that is not among them is ignored in a write.

    `search_lag_s`: how long the search does not show a user that was made or changed.
    """

    def __init__(self, core: Core, fields: tuple[str, ...], search_lag_s: float) -> None:
        self.core = core
        self.fields = fields
        self.search_lag_s = search_lag_s
        # What was ever said, so that looking need not go through everybody. What went since is found missing then.
        self._values_said: set[str] = set()
        self._marks_said: set[str] = set()
        self._identities_of: dict[int, list[int]] = {}

    def current(self, user_id: int) -> Doc | None:
        """Return a user as an answer shows it, deleted or not."""
        user = self.core.state.users.get(user_id)
        return self._shown(user) if user else None

    # ---- changing

    def create(self, given: Doc, actor: str) -> Doc:
        """Add a user. Raises Failure when a value is not valid or taken."""
        unknown = set(given) - WRITABLE - CREATE_ONLY
        if unknown:
            raise Failure(400, "UnpermittedParameters", f"unknown: {sorted(unknown)}")
        self._check(given | {"name": given.get("name", "")}, None)
        email = _email(given.get("email"))
        if email:
            self._check_free("email", email, None)
        now = iso(self.core.now())
        user = _blank(self.core.new_id("user"), now, self.fields)
        self.core.state.users[user["id"]] = user
        self._apply(user, {name: value for name, value in given.items() if name in WRITABLE and name != "phone"})
        user["role"] = given.get("role") or "end-user"
        if email:
            self._identify(user, "email", email, verified=bool(given.get("verified")))
        self._phone(user, given.get("phone"))
        self._saved(user, actor, "created")
        self._tell(user, "user.created", {})
        return self._shown(user)

    def update(self, user_id: int, given: Doc, actor: str) -> Doc:
        """Change what `given` names; an `email` is added as a further address."""
        user = self.expect(user_id)
        unknown = set(given) - WRITABLE - CREATE_ONLY
        if unknown:
            raise Failure(400, "UnpermittedParameters", f"unknown: {sorted(unknown)}")
        self._check(given, user_id)
        before = copy.deepcopy(user)
        self._apply(user, {name: value for name, value in given.items() if name in WRITABLE and name != "phone"})
        if "phone" in given:
            self._phone(user, given["phone"])
        if given.get("role"):
            user["role"] = given["role"]
        email = _email(given.get("email"))
        if email and email not in self._values(user_id, "email"):
            self._check_free("email", email, user_id)
            self._identify(user, "email", email, verified=False)
        self._saved(user, actor, "updated")
        for name, event in EVENTS.items():
            if user[name] != before[name]:
                self._tell(user, f"user.{event}", {"current": user[name], "previous": before[name]})
        if user["phone"] != before["phone"] and user["phone"]:
            self._tell(user, "user.identity_created", {"identity": {"type": "phone_number"}})
        return self._shown(user)

    def delete(self, user_id: int, actor: str) -> Doc:
        """Delete a user softly; a deleted one stays as it is."""
        user = self.core.state.users.get(user_id)
        if user is None:
            raise missing()
        if user["active"]:
            user |= {"active": False, "email": None, "phone": None, "verified": False}
            for identity in self._own(user_id):
                del self.core.state.identities[identity["id"]]
            self._saved(user, actor, "deleted")
            self._tell(user, "user.active_changed", {"current": False, "previous": True})
        return self._shown(user)

    def add_identity(self, user_id: int, kind: str, value: str, actor: str, *, method: str = "none") -> Doc:
        """Add a further address or number."""
        user = self.expect(user_id)
        self._check_free("value", value, user_id)
        identity = self._identify(user, kind, value, verified=method != "none", method=method)
        self._saved(user, actor, "updated")
        self._tell(user, "user.identity_created", {"identity": {"type": kind}})
        return identity

    def verify(self, user_id: int, value: str, actor: str, method: str) -> None:
        """Say how well an identity is verified."""
        user = self.expect(user_id)
        identity = next(each for each in self._own(user_id) if each["value"] == value)
        identity |= {"verified": method != "none", "verification_method": method, "updated_at": iso(self.core.now())}
        user["verified"] = any(each["verified"] for each in self._own(user_id))
        self._saved(user, actor, "updated")
        self._tell(user, "user.identity_changed", {"identity": {"id": str(identity["id"])}})

    def promote(self, user_id: int, value: str, actor: str) -> None:
        """Make an address the main one of its user."""
        user = self.expect(user_id)
        for each in (each for each in self._own(user_id) if each["type"] == "email"):
            each["primary"] = each["value"] == value
        user["email"] = value
        self._saved(user, actor, "updated")
        self._tell(user, "user.identity_changed", {})

    def expect(self, user_id: int) -> Doc:
        """Return the stored user. Raises Failure when there is none or it is deleted."""
        user = self.core.state.users.get(user_id)
        if user is None or not user["active"]:
            raise missing()
        return user

    # ---- over HTTP

    def route(self, method: str, parts: list[str], body: Any, params: Doc) -> tuple[int, Doc]:
        """Answer a request under /api/v2/users."""
        match method, parts:
            case "POST", []:
                return 201, {"user": self.create(expect(body, "user"), API)}
            case "GET", ["show_many"]:
                return 200, self._answer(self._many(params), params)
            case "GET", ["search"]:
                return 200, {"users": [self._shown(user) for user in self._searched(str(params.get("query") or ""))]}
            case "GET", [one] if one.isdigit():
                user = self.current(int(one))
                if user is None:
                    raise missing()
                return 200, {"user": user}
            case "PUT", [one] if one.isdigit():
                return 200, {"user": self.update(int(one), expect(body, "user"), API)}
            case "DELETE", [one] if one.isdigit():
                return 200, {"user": self.delete(int(one), API)}
            case _:
                raise Failure(404, "InvalidEndpoint", "Not found")

    def export(self, params: Doc) -> Doc:
        """Answer the incremental export."""
        most = int(params["per_page"]) if str(params.get("per_page", "")).isdigit() else None
        rows, rest = self.core.export("users", self.core.state.users, params, most)
        return self._answer(rows, params) | rest

    def _many(self, params: Doc) -> list[Doc]:
        users = self.core.state.users
        if "external_ids" in params:
            names = {each.casefold() for each in str(params["external_ids"]).split(",")}
            return [user for user in users.values() if user["active"] and str(user["external_id"]).casefold() in names]
        return [users[one] for one in numbers(params) if one in users]

    def _searched(self, query: str) -> list[Doc]:
        """This simulator knows one search: by an address, in quotes; like the real one it finds parts of words, too."""
        asked = re.fullmatch(r'email:"([^"]+)"', query)
        if asked is None:
            raise Failure(422, "InvalidSearch", "This simulator cannot search that")
        known = {each["user_id"] for each in self.core.state.identities.values() if asked[1].lower() in each["value"]}
        until = self.core.now() // SECOND - self.search_lag_s
        return [self.core.state.users[one] for one in sorted(known) if self.core.state.touched["users", one][0] <= until]

    def _answer(self, users: list[Doc], params: Doc) -> Doc:
        ids = {user["id"] for user in users}
        answer: Doc = {"users": [self._shown(user) for user in users]}
        if "identities" in wanted(params):
            answer["identities"] = copy.deepcopy([each for one in sorted(ids) for each in self._own(one)])
        if "organizations" in wanted(params):
            there = dict.fromkeys(user["organization_id"] for user in users if user["organization_id"])
            answer["organizations"] = [copy.deepcopy(self.core.state.organizations[each]) for each in there]
        return answer

    # ---- inside

    def _shown(self, user: Doc) -> Doc:
        return copy.deepcopy(user)

    def _apply(self, user: Doc, given: Doc) -> None:
        for name, value in given.items():
            match name:
                case "user_fields":
                    user["user_fields"] |= {key: each for key, each in (value or {}).items() if key in self.fields}
                case "tags":
                    user["tags"] = list(dict.fromkeys("_".join(str(tag).lower().split()) for tag in value or []))
                case "name":
                    user["name"] = str(value).strip()
                case _:
                    user[name] = value
        self._marks_said.add(str(user["external_id"] or "").casefold())

    def _phone(self, user: Doc, value: str | None) -> None:
        for each in self._own(user["id"]):
            if each["type"] == "phone_number" and each["primary"]:
                del self.core.state.identities[each["id"]]
        user |= {"phone": value or None, "shared_phone_number": None}
        if value and not self._taken(value, user["id"]):
            self._identify(user, "phone_number", value, verified=False)
            user["shared_phone_number"] = False
        elif value:
            user["shared_phone_number"] = True

    def _identify(self, user: Doc, kind: str, value: str, *, verified: bool, method: str = "") -> Doc:
        now, one = iso(self.core.now()), self.core.new_id("identity")
        primary = not any(each["type"] == kind for each in self._own(user["id"]))
        identity: Doc = {"id": one, "user_id": user["id"], "type": kind, "value": value, "primary": primary}
        identity |= {"verified": verified, "verification_method": method or ("low" if verified else "none")}
        identity |= {"created_at": now, "updated_at": now, "url": f"{SITE}/api/v2/users/{user['id']}/identities/{one}.json"}
        identity |= {"deliverable_state": "deliverable", "undeliverable_count": 0} if kind == "email" else {}
        self.core.state.identities[one] = identity
        self._identities_of.setdefault(user["id"], []).append(one)
        self._values_said.add(value)
        if primary and kind == "email":
            user["email"] = value
        user["verified"] = user["verified"] or verified
        return identity

    def _own(self, user_id: int) -> list[Doc]:
        known = self.core.state.identities
        return [known[one] for one in self._identities_of.get(user_id, ()) if one in known]

    def _values(self, user_id: int, kind: str) -> list[str]:
        return [each["value"] for each in self._own(user_id) if each["type"] == kind]

    def _taken(self, value: str, user_id: int | None) -> bool:
        known = self.core.state.identities.values() if value in self._values_said else ()
        return any(each["value"] == value and each["user_id"] != user_id for each in known)

    def _check_free(self, name: str, value: str, user_id: int | None) -> None:
        if self._taken(value, user_id):
            raise invalid(name, f"{value} is already being used by another user", "DuplicateValue")

    def _check(self, given: Doc, user_id: int | None) -> None:
        if "name" in given and not str(given["name"] or "").strip():
            raise invalid("name", "is too short (minimum is 1 characters)")
        if given.get("email") and not EMAIL.fullmatch(given["email"]):
            raise invalid("email", f"{given['email']} is not properly formatted")
        mark = str(given.get("external_id") or "").casefold()
        users = self.core.state.users.items() if mark in self._marks_said else ()
        others = (user for one, user in users if one != user_id and user["active"])
        if mark and any(str(user["external_id"] or "").casefold() == mark for user in others):
            raise invalid("external_id", f"{given['external_id']} is already being used by another user", "DuplicateValue")

    def _saved(self, user: Doc, actor: str, action: str) -> None:
        user["updated_at"] = iso(self.core.now())
        self.core.touch("users", user["id"])
        self.core.account.note(actor, action, "user", str(user["id"]), record=copy.deepcopy(user))

    def _tell(self, user: Doc, kind: str, event: Doc) -> None:
        detail = {name: user[name] for name in ("created_at", "email", "external_id", "role", "updated_at")}
        detail |= {name: str(user[name] or 0) for name in ("id", "organization_id", "default_group_id")}
        self.core.emit(kind, "user", user["id"], detail, event)


def _email(value: str | None) -> str:
    return (value or "").strip().lower()


def _blank(user_id: int, now: str, fields: tuple[str, ...]) -> Doc:
    return {
        "id": user_id,
        "url": f"{SITE}/api/v2/users/{user_id}.json",
        "name": "",
        "email": None,
        "created_at": now,
        "updated_at": now,
        "time_zone": "UTC",
        "iana_time_zone": "Etc/UTC",
        "phone": None,
        "shared_phone_number": None,
        "photo": None,
        "locale_id": 1,
        "locale": "en-US",
        "organization_id": None,
        "role": "end-user",
        "verified": False,
        "external_id": None,
        "tags": [],
        "alias": "",
        "active": True,
        "shared": False,
        "shared_agent": False,
        "last_login_at": None,
        "two_factor_auth_enabled": None,
        "signature": "",
        "details": "",
        "notes": "",
        "role_type": None,
        "custom_role_id": None,
        "moderator": False,
        "ticket_restriction": "requested",
        "only_private_comments": False,
        "restricted_agent": True,
        "suspended": False,
        "default_group_id": None,
        "report_csv": False,
        "user_fields": dict.fromkeys(fields),
    }
