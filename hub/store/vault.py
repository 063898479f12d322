"""Secrets that the hub has to keep because no configuration can hold them: what a system drew or renews for us.

In: a text and its name. Out: what may stand in the store: AES-256-GCM (NIST SP 800-38D), bound to the name, so that no two can be
exchanged. The key comes from config.yaml (`store: key:`) or lies in a file that only the hub's user can read; without it a copy
of the store tells nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import ConfigError

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_VERSION: Final = "1:"


class Vault:
    """Seals and opens. `key`: long and random."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"syncline vault\0" + key).digest())

    def seal(self, name: str, text: str) -> str:
        """Return what may be stored under a name."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = self._cipher.encrypt(nonce, text.encode(), name.encode())
        return _VERSION + base64.b64encode(nonce + body).decode("ascii")

    def open(self, name: str, sealed: str) -> str | None:
        """Return the text; None where the key is another one by now, or somebody changed it."""
        try:
            raw = base64.b64decode(sealed.removeprefix(_VERSION), validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], name.encode()).decode()
        except (InvalidTag, ValueError):
            return None


def open_vault(file: Path, key: str = "") -> Vault:
    """Return the vault. Without a `key` that of the file counts, which is made if it is not there.

    Raises ConfigError where others may read the file, or where it is no key.
    """
    if key:
        return Vault(key.encode())
    try:
        _make(file)
        known = file.stat()
        found = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        found, known = "", None
    if known is None or len(found) < 2 * _KEY_BYTES:
        raise ConfigError(f"{file.name} cannot be read as a key.", fix="Put it back from a backup, or remove it and start again.")
    if known.st_mode & 0o077:
        raise ConfigError(f"Others may read {file.name}, the key of this store's secrets.", fix=f"Run: chmod 600 {file}")
    return Vault(found.encode())


def _make(file: Path) -> None:
    """Write a new key whole or not at all, whoever else does the same at this moment."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_hex(_KEY_BYTES).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(fresh, file)
    except FileExistsError:
        return  # somebody was first: theirs counts
    finally:
        fresh.unlink()
