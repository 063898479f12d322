"""The shapes of config.yaml. All frozen; every default is the careful one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from hub.config.alerts import Alerts, MonitorConfig
from hub.config.tags import TAG_NAME, TagRule
from hub.config.tracing import TracingConfig
from hub.config.written import Bytes, Seconds, SettingValue, Several, Shape, Share, read_whole
from hub.model.entities import FIELDS, Kind
from hub.model.record import EntityType
from hub.yamlfile import nearest

NAME: Final = r"^[a-z][a-z0-9_-]*$"


class PolicyKind(StrEnum):
    """How the winner among own values is chosen (DESIGN section 2)."""

    NEWEST = "newest"
    PREFER = "prefer"
    ORIGIN = "origin"
    OWNER = "owner"
    UNION = "union"
    MOST_RESTRICTIVE = "most_restrictive"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Policy:
    """The survivorship rule of a field. `order`: connections, the first wins, under `prefer` and `owner`."""

    kind: PolicyKind = PolicyKind.NEWEST
    order: tuple[str, ...] = ()


def read_policy(value: Any) -> Any:
    """Return the policy for `newest`, `{prefer: [crm, shop]}`, `{owner: till}`."""
    match value:
        case Policy():
            return value
        case {"prefer": [*names]} if len(value) == 1 and names and all(isinstance(name, str) for name in names):
            if len(set(names)) != len(names):
                raise ValueError("`prefer` names a connection twice.")
            return Policy(PolicyKind.PREFER, tuple(names))
        case {"owner": str(name)} if len(value) == 1:
            return Policy(PolicyKind.OWNER, (name,))
        case "prefer" | "owner":
            raise ValueError("Say whom: `{prefer: [crm, shop]}` or `{owner: till}`.")
        case str() if value in set(PolicyKind):
            return Policy(PolicyKind(value))
        case str():
            raise ValueError(f"`{value}` is not a policy. {nearest(value, [kind.value for kind in PolicyKind])}")
        case _:
            raise ValueError("A policy is one word, `{prefer: [crm, shop]}` or `{owner: till}`.")


class Create(StrEnum):
    """When the hub makes a record of an entity in a connection."""

    NEVER = "never"
    WHEN_REFERENCED = "when_referenced"
    ALWAYS = "always"


class Update(StrEnum):
    """Which records of an entity the hub changes in a connection."""

    LINKED = "linked"
    CREATED_BY_HUB = "created_by_hub"
    NONE = "none"


class Delete(StrEnum):
    """What happens to a record when its entity ends."""

    UNLINK = "unlink"
    ARCHIVE = "archive"
    DELETE = "delete"


class Belonging(Shape):
    """What an entity may do in a connection (DESIGN section 6)."""

    create: Create = Create.NEVER
    update: Update = Update.LINKED
    delete: Delete = Delete.UNLINK


_NOTHING_SAID: Final = Belonging()


class Reports(StrEnum):
    """Which figure a connection's levels show."""

    ON_HAND = "on_hand"
    AVAILABLE = "available"
    BOTH = "both"


class Receives(StrEnum):
    """Which figure is written to a connection."""

    ON_HAND = "on_hand"
    AVAILABLE = "available"


class MovesBy(StrEnum):
    """What moves stock: one of them, never both."""

    LEVELS = "levels"
    DOCUMENTS = "documents"


class Missing(StrEnum):
    """What a level that is not there means."""

    UNKNOWN = "unknown"
    ZERO = "zero"


def read_moves_by(value: Any) -> Any:
    """Refuse both at once with the reason (Rule 7.19)."""
    if isinstance(value, list):
        raise ValueError("`moves_by` is levels or documents, never both: every sale would count twice.")
    return value


class StockRule(Shape):
    """How a connection takes part in the stock of a location (DESIGN section 7). `buffer`: units kept back from it."""

    opening: bool = False
    reports: Reports = Reports.ON_HAND
    receives: Receives = Receives.ON_HAND
    moves_by: Annotated[MovesBy, BeforeValidator(read_moves_by)] = MovesBy.LEVELS
    missing: Missing = Missing.UNKNOWN
    buffer: int = Field(default=0, ge=0)


class Start(StrEnum):
    """The mode in which the store first sees a connection; afterwards the mode lives in the store."""

    OBSERVE = "observe"
    PROPOSE = "propose"
    LIVE = "live"


class Webhooks(StrEnum):
    """Whether the hub makes a connection's webhook subscriptions."""

    AUTO = "auto"  # where `receiver: public_url:` is no address of this machine
    ON = "on"  # whatever that address is
    OFF = "off"  # they are made by hand, or not at all


class ConnectionConfig(Shape):
    """One configured account of a system. `seed_rank` 1 is the most trusted; loading fills it from the order in the file.

    `settings` hold secrets, so they never show in a repr. `visible_after_s` overrides what the connector's streams say.
    `locations`: the retailer's code of a place -> its id or name there; that is how places of several systems are one.
    `full_every` is how often every record is read, changed or not: what tells no change and what is gone shows only there.
    `calls_per_s` overrides the limit in the connector's manifest, for an account that is known to allow another one.
    `writes_at_once`: so many records are written at the same time at most, where the connector knows that its system takes that.
    """

    connector: str
    settings: dict[str, SettingValue] = Field(default_factory=dict, repr=False)
    start: Start = Start.OBSERVE
    every_s: Seconds = Field(default=30.0, alias="every")
    full_every_s: Seconds = Field(default=86_400.0, alias="full_every")
    visible_after_s: Seconds | None = Field(default=None, alias="visible_after")
    calls_per_s: float | None = Field(default=None, gt=0)
    writes_at_once: int = Field(default=4, ge=1, le=16)
    seed_rank: int = Field(default=0, ge=0)
    webhooks: Webhooks = Webhooks.AUTO
    entities: dict[EntityType, Belonging] = Field(default_factory=dict)
    stock: dict[str, StockRule] = Field(default_factory=dict)
    locations: dict[str, SettingValue] = Field(default_factory=dict)

    def location_code(self, external_id: str, name: object) -> str | None:
        """Return the retailer's code of a place, by its id there (or the number an id ends with) or else its name."""
        names = (external_id, external_id.rpartition("/")[2], name)
        return next((code for asked in names for code, there in self.locations.items() if there == asked), None)

    def belonging(self, entity: EntityType) -> Belonging:
        """Return what an entity may do here; where nothing is said, nothing is created and nothing deleted."""
        return self.entities.get(entity) or _NOTHING_SAID

    def stock_rule(self, location: str | None) -> StockRule | None:
        """Return the rule of a location code, else of `default`; None where this connection takes no part in its stock."""
        return self.stock.get(location or "default", self.stock.get("default"))


class Synchronous(StrEnum):
    """How hard SQLite makes sure that a commit is on the disk."""

    FULL = "full"
    NORMAL = "normal"


class StoreConfig(Shape):
    """Where the store is. The URL may hold a password.

    `keep_free`: with less room than that on its disk the hub takes nothing in until there is more. `key`: what secrets that the
    hub has to keep are encrypted with, any long random text; without one a key file lies beside the store.
    """

    url: str = Field(default="sqlite:///.hub/hub.db", repr=False)
    synchronous: Synchronous = Synchronous.FULL
    keep_free: Bytes = 200_000_000
    key: str = Field(default="", repr=False)


class ReceiverConfig(Shape):
    """Where webhooks arrive. `public_url` is what vendors call, and what their signatures cover; without `/` at the end.

    `proxies`: how many proxies of yours stand before the hub; so many addresses at the end of X-Forwarded-For are believed.
    `spool`: the file that keeps webhooks between their answer and the store; `none`: they are answered once the store has them.
    Left out: beside a store that is a file, `none` where it is in a database server.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, BeforeValidator(read_whole), Field(ge=0, le=65535)] = 8100
    public_url: Annotated[str, Field(pattern=r"^https?://[^/?#]+[^?#]*$")] = "http://127.0.0.1:8100"

    proxies: int = Field(default=0, ge=0, le=5)
    spool: Annotated[str, Field(min_length=1)] | None = None

    def webhook_url(self, connection: str) -> str:
        """Return the exact address that a connection's webhooks are sent to."""
        return f"{self.public_url.rstrip('/')}/webhooks/{connection}"


class Brakes(Shape):
    """Shares of a stream (0 to 1) above which deliveries wait for a yes; `missing`: above which gone records are a question."""

    deletes: Share = 0.2
    missing: Share = 0.2
    prices: Share = 0.1
    mapping: Share = 0.0


class Reservations(Shape):
    """How long units are kept back for an order that nobody fetches: then others may have them."""

    hold_s: Seconds = Field(default=14 * 86_400.0, alias="hold")


class Config(Shape):
    """What this installation runs."""

    retailer: str = ""
    store: StoreConfig = StoreConfig()
    mappings: Several = ("mappings",)
    receiver: ReceiverConfig = ReceiverConfig()
    monitor: MonitorConfig | None = None
    alerts: Alerts = Alerts()
    tracing: TracingConfig | None = None
    deletes_from: dict[EntityType, str] = Field(default_factory=dict)
    connections: dict[Annotated[str, Field(pattern=NAME)], ConnectionConfig] = Field(default_factory=dict)
    policies: dict[EntityType, dict[str, Annotated[Policy, BeforeValidator(read_policy)]]] = Field(default_factory=dict)
    brakes: Brakes = Brakes()
    reservations: Reservations = Reservations()
    tags: dict[Annotated[str, Field(pattern=TAG_NAME)], TagRule] = Field(default_factory=dict)

    def policy(self, entity: EntityType, path: str) -> Policy:
        """Return the rule of a field path: as configured for it or its family, else what its kind asks for, else the default.

        Consent is most restrictive and a set is a union, whatever the entity's `default` says, unless named themselves.
        """
        said = self.policies.get(entity, {})
        head = path.partition(".")[0]
        for name in (path, head):
            if name in said:
                return said[name]
        if head == "consent":
            return Policy(PolicyKind.MOST_RESTRICTIVE)
        if FIELDS[entity].get(head) is Kind.SET:
            return Policy(PolicyKind.UNION)
        return said.get("default", Policy())

    def ends(self, entity: EntityType) -> str | None:
        """Return the connection whose tombstone ends an entity of this type; None: only an operator does."""
        name = self.deletes_from.get(entity, "none")
        return None if name == "none" else name


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """What a connector says of one of its settings."""

    secret: bool = False
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectorFacts:
    """What config.yaml is checked against. `hub.sdk.manifest.Manifest.facts` makes it."""

    settings: Mapping[str, SettingFacts] = field(default_factory=dict)
    entities: frozenset[EntityType] = frozenset()
    archives: frozenset[EntityType] = frozenset()
    """What can be put away there without being deleted."""
