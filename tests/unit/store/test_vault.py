"""Secrets that are kept are unreadable without their key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hub.errors import ConfigError
from hub.store.vault import Vault, open_vault


def test_vault_opens_what_it_sealed_and_shows_nothing_of_it() -> None:
    vault = Vault(b"k" * 32)
    first, second = vault.seal("till", "Zahnbürste"), vault.seal("till", "Zahnbürste")
    assert vault.open("till", first) == vault.open("till", second) == "Zahnbürste"
    assert first != second
    assert "Zahn" not in first


@pytest.mark.parametrize(
    ("key", "name", "change"),
    [
        (b"other" * 8, "till", ""),
        (b"k" * 32, "shop", ""),
        (b"k" * 32, "till", "A"),
        (b"k" * 32, "till", "\x00"),
    ],
    ids=["other key", "other name", "altered", "not base64"],
)
def test_vault_opens_nothing_when_key_name_or_text_is_another(key: bytes, name: str, change: str) -> None:
    sealed = Vault(b"k" * 32).seal("till", "secret")
    at = len(sealed) - 6
    altered = sealed[:at] + change + sealed[at + len(change) :] if change else sealed
    changed = altered if altered != sealed else sealed[:at] + "B" * len(change) + sealed[at + len(change) :]
    assert Vault(key).open(name, changed) is None


def test_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "hub.db.key"
    sealed = open_vault(file).seal("a", "secret")
    assert open_vault(file).open("a", sealed) == "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["hub.db.key"]


def test_key_of_the_configuration_counts_when_there_is_one(tmp_path: Path) -> None:
    file = tmp_path / "hub.db.key"
    sealed = open_vault(file, "a-long-random-text").seal("a", "secret")
    assert not file.exists()
    assert open_vault(file, "a-long-random-text").open("a", sealed) == "secret"


def test_vault_is_refused_when_others_may_read_its_key_or_it_is_none(tmp_path: Path) -> None:
    file = tmp_path / "hub.db.key"
    open_vault(file)
    file.chmod(0o644)
    with pytest.raises(ConfigError) as caught:
        open_vault(file)
    assert "chmod 600" in caught.value.fix
    file.chmod(0o600)
    file.write_text("short")
    with pytest.raises(ConfigError, match="cannot be read as a key"):
        open_vault(file)
