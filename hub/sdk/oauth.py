"""Access tokens that the hub fetches for itself and renews when they are no longer accepted.

In: id and secret of an OAuth client. Out: a bearer token, kept in memory only: the grant `client_credentials` (RFC 6749
section 4.4) gives a new one at any time, so nothing has to be stored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from hub.errors import AuthFailed
from hub.sdk.base import Http

T = TypeVar("T")


class ClientCredentials:
    """The token of one OAuth client. Thread-safe: many callers that find it expired fetch one new token."""

    def __init__(self, http: Http, path: str, *, client_id: str, client_secret: str, scope: str) -> None:
        self._http = http
        self._path = path
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._lock = threading.Lock()
        self._token = ""

    def use(self, call: Callable[[str], T]) -> T:
        """Call with a token; where it is not accepted, call once more with a new one. Raises AuthFailed when that fails too."""
        token = self._fetch("")
        try:
            return call(token)
        except AuthFailed:  # nothing was done: a 401 comes before anything else
            renewed = self._fetch(token)
        return call(renewed)

    def _fetch(self, rejected: str) -> str:
        """Return the token, or a new one where it is still the one that was rejected."""
        with self._lock:
            if self._token == rejected:
                self._token = self._ask()
            return self._token

    def _ask(self) -> str:
        grant = {"grant_type": "client_credentials", "scope": self._scope}
        secret = {"client_id": self._client_id, "client_secret": self._client_secret}
        reply = self._http.send("POST", self._path, json=grant | secret, safe=True)
        token = reply.body.get("access_token") if isinstance(reply.body, dict) else None
        if reply.status >= 400 or not isinstance(token, str) or not token:
            raise AuthFailed(
                f"No access token was given ({reply.status}).", fix="Check client id, secret and scopes of the OAuth client."
            )
        return token
