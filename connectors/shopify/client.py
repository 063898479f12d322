"""One shop's Admin GraphQL API: one POST, its limit, its errors.

Errors come in three layers: HTTP (handled by `Http`), `errors` in an HTTP 200 (here), and `userErrors` of a mutation (here, as
an `Answer`). Facts: shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits and recorded answers of API 2026-04.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.shopify.queries import API_VERSION
from hub.errors import ApiRetired, AuthFailed, BadPayload, PermissionMissing, RateLimited, TimedOut, Unavailable
from hub.model.values import Doc
from hub.sdk.base import Answer, AnswerKind, Http, Reply

_FIRST_GUESS: Final = 50.0
_TRIES: Final = 4
_STALE: Final = {"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"}
_GONE: Final = {"PRODUCT_DOES_NOT_EXIST", "PRODUCT_VARIANT_DOES_NOT_EXIST", "INVALID_INVENTORY_ITEM", "INVALID_LOCATION"}


class Throttled(RateLimited):
    """The query did not fit the bucket: HTTP 200 with the code THROTTLED. Nothing was done."""


class ShopifyClient:
    """One shop behind one access token. `prices` in its documents are in the shop's own currency.

    `pays_refunds`: a refund may be made against a payment that Shopify would pay out again.
    """

    def __init__(self, http: Http, token: str, *, pays_refunds: bool = False) -> None:
        self.pays_refunds = pays_refunds
        self._http = http
        self._token = token
        self._costs: dict[str, float] = {}

    def read(self, document: str, **variables: Any) -> Doc:
        """Run a query and return `data`. Throttled ones are sent again: the bucket, told its level, holds them back by itself."""
        for _ in range(_TRIES - 1):
            try:
                return self._run(document, variables, safe=True)
            except Throttled:
                continue
        return self._run(document, variables, safe=True)

    def write(self, document: str, **variables: Any) -> Doc:
        """Run a mutation and return the payload of its one field. Raises TimedOut where its effect is unknown."""
        data = self._run(document, variables, safe=False)
        payload = next(iter(data.values()), None)
        if not isinstance(payload, dict):
            raise _unreadable(safe=False)
        return payload

    def _run(self, document: str, variables: Doc, *, safe: bool) -> Doc:
        reply = self._http.send(
            "POST",
            f"/admin/api/{API_VERSION}/graphql.json",
            json={"query": document, "variables": variables},
            headers={"X-Shopify-Access-Token": self._token},
            safe=safe,
            cost=self._costs.get(document, _FIRST_GUESS),
        )
        body = _body(reply, safe=safe)
        cost = (body.get("extensions") or {}).get("cost") or {}
        self._feed(document, cost)
        if body.get("errors"):
            raise _error(body["errors"], cost, safe=safe)
        data = body.get("data")
        if not isinstance(data, dict):
            raise _unreadable(safe=safe)
        return data

    def _feed(self, document: str, cost: Doc) -> None:
        """Tell the token bucket what Shopify says of it, and remember what this document asks for: that much must fit."""
        if cost.get("requestedQueryCost") is not None:
            self._costs[document] = float(cost["requestedQueryCost"])
        status = cost.get("throttleStatus")
        if status:
            self._http.limit(
                available=float(status["currentlyAvailable"]),
                capacity=float(status["maximumAvailable"]),
                per_s=float(status["restoreRate"]),
            )


def _body(reply: Reply, *, safe: bool) -> Doc:
    served = {name.lower(): value for name, value in reply.headers.items()}.get("x-shopify-api-version", API_VERSION)
    if served != API_VERSION:
        # Shopify answers a retired version with the oldest one it still serves.
        raise ApiRetired(f"Shopify no longer serves API version {API_VERSION}.", fix="Update the connector.")
    if reply.status == 404:
        raise AuthFailed("No shop answers at this address.", fix="Check the setting `base_url`.")
    if reply.status in (402, 423):
        raise PermissionMissing("The shop is frozen or locked.", fix="Its owner has to settle this with Shopify.")
    if reply.status != 200:
        raise BadPayload(f"Shopify answered HTTP {reply.status}, which it does not document.")
    if not isinstance(reply.body, dict):
        raise _unreadable(safe=safe)
    return reply.body


def _unreadable(*, safe: bool) -> Exception:
    """Return what a success in a shape nobody documents means: a write may have happened all the same."""
    if safe:
        return BadPayload("Shopify answered in a shape it does not document.")
    return TimedOut("Shopify answered in a shape it does not document; whether the change was made is unknown.")


def _error(errors: Any, cost: Doc, *, safe: bool) -> Exception:
    """Return what the hub does about `errors`. Their texts may quote values, so only codes and paths are repeated."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code = str((first.get("extensions") or {}).get("code") or "")
    where = ".".join(str(part) for part in first.get("path") or ()) or "the request"
    match code:
        case "THROTTLED":
            return Throttled("Shopify's query cost limit is reached.", wait_s=wait_s(cost))
        case "ACCESS_DENIED":
            return PermissionMissing(f"The access token may not use {where}.", fix="Grant the scopes that the README lists.")
        case "SHOP_INACTIVE":
            return PermissionMissing("The shop is not active.", fix="Its owner has to settle this with Shopify.")
        case "INTERNAL_SERVER_ERROR" | "TIMEOUT" if safe:
            return Unavailable("Shopify failed inside.")
        case "INTERNAL_SERVER_ERROR" | "TIMEOUT":
            return TimedOut("Shopify failed inside; whether the change was made is unknown.")
        case _:
            return BadPayload(f"Shopify refused {where} ({code or 'no code'}).")


def wait_s(cost: Doc) -> float:
    """Return the seconds until the requested cost fits the bucket; at least 0.1, and 1.0 where Shopify tells nothing."""
    status = cost.get("throttleStatus") or {}
    rate = float(status.get("restoreRate") or 0)
    if not rate:
        return 1.0
    missing = float(cost.get("requestedQueryCost") or 0) - float(status.get("currentlyAvailable") or 0)
    return max(0.1, missing / rate)


def refusal(payload: Doc, paths: Mapping[str, str]) -> Answer | None:
    """Return the answer for the first user error, None if there is none. `paths`: input field -> path of our document."""
    errors: Sequence[Doc] = payload.get("userErrors") or ()
    if not errors:
        return None
    error = errors[0]
    code, text = str(error.get("code") or ""), str(error.get("message") or "")
    fields = [part for part in error.get("field") or () if part != "input" and not part.isdigit()]
    blamed = next((paths[part] for part in reversed(fields) if part in paths), None)
    return Answer(_kind(code, text, fields), blames=blamed, reason=_reason(code, fields))


def _kind(code: str, text: str, fields: Sequence[str]) -> AnswerKind:
    if code in _STALE:
        return AnswerKind.STALE
    # customerCreate and customerUpdate give no code, only this sentence.
    if code == "TAKEN" or "has already been taken" in text:
        return AnswerKind.CLASH
    if code in _GONE or _missing(text, fields):
        return AnswerKind.GONE
    return AnswerKind.REFUSED


def _missing(text: str, fields: Sequence[str]) -> bool:
    named = not fields or fields[-1] in {"id", "customerId", "addressId", "productId"}
    return named and any(sign in text.lower() for sign in ("does not exist", "can't be found", "could not be found", "not found"))


def _reason(code: str, fields: Sequence[str]) -> str:
    what = f" ({code})" if code else ""
    return f"Shopify refused {fields[-1]}{what}." if fields else f"Shopify refused the change{what}."


def number(gid: str) -> str:
    """Return the number in `gid://shopify/Customer/42?...`."""
    return gid.rpartition("/")[2].partition("?")[0]


def gid(kind: str, number_or_gid: object) -> str:
    """Return the global id for a REST number; a global id stays."""
    text = str(number_or_gid)
    return text if text.startswith("gid://") else f"gid://shopify/{kind}/{text}"
