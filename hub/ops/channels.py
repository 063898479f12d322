"""The ways an alert reaches a person: mail, webhook, command.

In: a notice. Out: it was handed over, or Unavailable. Nothing of a server's answer is repeated: it may quote what was sent.
"""

from __future__ import annotations

import smtplib
import ssl
import subprocess
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Final, Protocol

import orjson

from hub.config import Alerts, MailAlert, Tls, WebhookAlert
from hub.errors import Unavailable
from hub.model.values import Doc
from hub.sdk.webhooks import sign

WAIT_S: Final = 20.0
SIGNATURE: Final = "x-syncline-signature"


class Channel(Protocol):
    """One way."""

    def send(self, notice: Doc) -> None:
        """Hand a notice over. Raises Unavailable."""


def channels_of(alerts: Alerts, environ: Mapping[str, str]) -> dict[str, Channel]:
    """Return name -> channel, as configured. `environ`: what a command gets to see."""
    found: dict[str, Channel] = {}
    if alerts.mail is not None:
        found["mail"] = Mail(alerts.mail)
    if alerts.webhook is not None:
        found["webhook"] = Hook(alerts.webhook)
    if alerts.command is not None:
        found["command"] = Command(alerts.command, {name: environ[name] for name in ("PATH", "HOME", "LANG") if name in environ})
    return found


class Mail:
    """SMTP. A password never travels in clear, and a server that does not speak TLS gets nothing unless it is this machine."""

    def __init__(self, config: MailAlert) -> None:
        self._config = config

    def send(self, notice: Doc) -> None:
        """Send one mail."""
        message = EmailMessage()
        message["From"], message["To"] = self._config.sender, ", ".join(self._config.to)
        message["Subject"] = notice["subject"]
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
        message.set_content("\n".join(notice["lines"]) + "\n")
        try:
            with self._connect() as server:
                if self._config.tls is Tls.STARTTLS:
                    server.starttls(context=ssl.create_default_context())
                if self._config.user:
                    server.login(self._config.user, self._config.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException):
            failed = True
        else:
            failed = False
        if failed:
            raise Unavailable("The mail server did not take an alert.", fix="Check `alerts: mail:`.")

    def _connect(self) -> smtplib.SMTP:
        host, port = self._config.host, self._config.port
        if self._config.tls is Tls.TLS:
            return smtplib.SMTP_SSL(host, port, timeout=WAIT_S, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=WAIT_S)


class Hook:
    """A POST of JSON. A redirect is not followed: it could lead anywhere."""

    def __init__(self, config: WebhookAlert) -> None:
        self._config = config

    def send(self, notice: Doc) -> None:
        """Post one document."""
        import httpx

        body = orjson.dumps(notice)
        headers = {"content-type": "application/json", "user-agent": "syncline"}
        if self._config.secret:
            headers[SIGNATURE] = sign(self._config.secret, body)
        try:
            with httpx.Client(timeout=WAIT_S, follow_redirects=False, trust_env=False) as client:
                good = client.post(self._config.url, content=body, headers=headers).is_success
        except (httpx.HTTPError, httpx.InvalidURL):
            good = False
        if not good:
            raise Unavailable("The alert webhook was not taken.", fix="Check `alerts: webhook:`.")


class Command:
    """A program of the retailer's: JSON on its standard input, the subject as its last argument, no shell."""

    def __init__(self, words: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self._words, self._environ = words, environ

    def send(self, notice: Doc) -> None:
        """Run it once."""
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own program, named in config.yaml
                [*self._words, notice["subject"]],
                input=orjson.dumps(notice),
                env=dict(self._environ),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=WAIT_S,
                check=False,
            )
            good = done.returncode == 0
        except (OSError, subprocess.SubprocessError):
            good = False
        if not good:
            raise Unavailable("The alert command failed.", fix="Check `alerts: command:`.")
