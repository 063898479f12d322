"""A very small GraphQL caller (standard library): the live tests' own hands in the shop, sharing no code with the hub."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


class Api:
    """One endpoint and, once logged in or shopping, one session."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = ""

    def __call__(self, document: str, **variables: object) -> Any:
        """Return the value of the first field of the answer. Raises RuntimeError where the server says no in any of its ways."""
        headers = {"content-type": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        body = json.dumps({"query": document, "variables": variables}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url, body, headers), timeout=60) as answer:
            self.token = answer.headers["vendure-auth-token"] or self.token
            told = json.load(answer)
        result = None if told.get("errors") else next(iter(told["data"].values()))
        if told.get("errors") or (isinstance(result, dict) and result.get("errorCode")):
            message = f"{json.dumps(told)[:800]}\n{document}"
            raise RuntimeError(message)
        return result

    def login(self, user: str, password: str) -> None:
        """Begin a session."""
        self(
            "mutation($u:String!,$p:String!){ login(username:$u,password:$p){"
            " ... on CurrentUser{ id } ... on ErrorResult{ errorCode } } }",
            u=user,
            p=password,
        )
