"""Property definitions of the simulated account: what HubSpot brings along, and what its people add."""

from __future__ import annotations

from typing import Any, Final

from connectors.hubspot.fake.core import API, Core, Failure, invalid, iso, missing, not_valid
from hub.model.values import Doc

TEXT: Final = ("string", "text")
NUMBER: Final = ("number", "number")
TIME: Final = ("datetime", "date")
STAGE: Final = ("enumeration", "radio")
FLAG: Final = ("bool", "booleancheckbox")
ALWAYS: Final = {"hs_object_id": NUMBER, "hs_createdate": TIME, "hs_lastmodifieddate": TIME}
READ_ONLY: Final = frozenset({*ALWAYS, "createdate", "lastmodifieddate", "hs_email_optout", "associatedcompanyid"})
DEFAULTS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "contacts": {
        "createdate": TIME,
        "lastmodifieddate": TIME,
        **dict.fromkeys(("email", "hs_additional_emails", "firstname", "lastname", "phone", "mobilephone", "company"), TEXT),
        **dict.fromkeys(("address", "city", "state", "zip", "country", "hs_country_region_code", "lifecyclestage"), TEXT),
        "hs_email_optout": FLAG,
        "associatedcompanyid": NUMBER,
    },
    "companies": dict.fromkeys(("name", "domain", "phone", "city", "country"), TEXT),
    "0-3": {
        "dealname": TEXT,
        "amount": NUMBER,
        "dealstage": STAGE,
        "pipeline": TEXT,
        "closedate": TIME,
        "description": TEXT,
        "createdate": TIME,
    },
    "tickets": {
        **dict.fromkeys(("subject", "content", "hs_pipeline", "hs_ticket_category", "source_type"), TEXT),
        "hs_pipeline_stage": STAGE,
        "hs_ticket_priority": STAGE,
        "closed_date": TIME,
        "createdate": TIME,
    },
    "notes": {"hs_note_body": TEXT, "hs_timestamp": TIME, "hs_createdate": TIME},
}
OPTIONS: Final = {
    "dealstage": (
        "appointmentscheduled",
        "qualifiedtobuy",
        "presentationscheduled",
        "decisionmakerboughtin",
        "contractsent",
        "closedwon",
        "closedlost",
    ),
    "hs_pipeline_stage": ("1", "2", "3", "4"),
    "hs_ticket_priority": ("LOW", "MEDIUM", "HIGH", "URGENT"),
}
"""Stages of the pipelines that every account starts with, and the priorities of tickets."""
SHOWN: Final = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "companies": ("name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"),
    "0-3": ("dealname", "amount", "dealstage", "pipeline", "closedate", "createdate", "hs_lastmodifieddate", "hs_object_id"),
    "tickets": ("subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "hs_lastmodifieddate"),
    "notes": ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
}
"""What a read shows that names no properties."""
TOP: Final = {"createdAt": ("createdate", "hs_createdate"), "updatedAt": ("lastmodifieddate", "hs_lastmodifieddate")}


class Definitions:
    """Which properties each kind of object has."""

    def __init__(self, core: Core) -> None:
        self.core = core
        for path, names in DEFAULTS.items():
            for name, kind in {**ALWAYS, **names}.items():
                options = [{"label": each, "value": each} for each in OPTIONS.get(name, ())]
                self.add(path, name, "hubspot", type=kind[0], fieldType=kind[1], hubspotDefined=True, options=options)

    def of(self, path: str) -> dict[str, Doc]:
        """Return the definitions of a kind. Raises Failure where there is no such kind."""
        found = self.core.state.properties.get(path)
        if found is None:
            raise invalid(f"Unable to infer object type from: {path}")
        return found

    def add(self, path: str, name: str, actor: str, **definition: Any) -> Doc:
        """Define a property. Raises Failure where there is one of that name."""
        known = self.core.state.properties.setdefault(path, {})
        if name in known:
            raise Failure(409, "OBJECT_ALREADY_EXISTS", f"Property {name} already exists")
        made: Doc = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "information"}
        made |= {"description": "", "options": [], "hasUniqueValue": False, "hubspotDefined": False, "archived": False}
        made |= {"createdAt": iso(self.core.now()), "updatedAt": iso(self.core.now())} | definition
        made["options"] = [{"hidden": False, **option} for option in made["options"]]
        known[name] = made
        if actor != "hubspot":
            self.core.account.note(actor, "defined", f"property of {path}", name)
        return made

    def check(self, path: str, values: Doc) -> dict[str, str]:
        """Return values as HubSpot keeps them. Raises Failure for the first that it does not take."""
        known = self.of(path)
        kept: dict[str, str] = {}
        for name, value in values.items():
            if name not in known:
                raise not_valid(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
            if name in READ_ONLY:
                raise not_valid(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set')
            kept[name] = _checked(known[name], "" if value is None else str(value))
        return kept

    def route(self, method: str, parts: list[str], body: Doc) -> tuple[int, Doc]:
        """Answer a request under /crm/v3/properties."""
        match method, parts:
            case "GET", [path]:
                return 200, {"results": list(self.of(path).values())}
            case "GET", [path, "groups"]:
                self.of(path)
                group = {"name": "information", "label": "Information", "displayOrder": 0, "archived": False}
                return 200, {"results": [group]}
            case "GET", [path, name]:
                if name not in self.of(path):
                    raise missing()
                return 200, self.of(path)[name]
            case "POST", [path]:
                self.of(path)
                return 201, self.add(path, body["name"], API, **{name: value for name, value in body.items() if name != "name"})
            case _:
                raise missing()


def _checked(definition: Doc, value: str) -> str:
    name, kind = definition["name"], definition["type"]
    if not value:
        return ""
    if name == "email":
        if "@" not in value or "." not in value.rpartition("@")[2] or " " in value:
            raise not_valid(name, "INVALID_EMAIL", f"Email address {value} is invalid")
        return value.lower()
    options = [option["value"] for option in definition["options"]]
    if kind == "enumeration" and value not in options:
        raise not_valid(name, "INVALID_OPTION", f"{value} was not one of the allowed options: {options}")
    if kind == "number" and not value.replace(".", "", 1).removeprefix("-").isdecimal():
        raise not_valid(name, "INVALID_NUMBER", f"{value} was not a valid number.")
    return value
