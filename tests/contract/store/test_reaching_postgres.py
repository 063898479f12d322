"""How PostgreSQL is reached: a server that is only half there is noticed, and no word of the address is told."""

import pytest

from hub.errors import ConfigError
from hub.store.postgres import NOTICES, connect


def parameters(url: str) -> dict[str, str]:
    connection = connect(url)
    try:
        return connection.info.get_parameters()
    finally:
        connection.close()


def test_connect_names_every_limit_when_the_url_names_none(postgres_url: str) -> None:
    assert parameters(postgres_url).items() >= {name: str(value) for name, value in NOTICES.items()}.items()


def test_connect_keeps_to_the_url_when_that_names_limits(postgres_url: str) -> None:
    said = {"connect_timeout": "33", "keepalives_idle": "7"}
    found = parameters(postgres_url + "&" + "&".join(f"{name}={value}" for name, value in said.items()))
    assert {name: found[name] for name in ("connect_timeout", "keepalives_idle", "tcp_user_timeout")} == {
        **said,
        "tcp_user_timeout": str(NOTICES["tcp_user_timeout"]),
    }


def test_connect_says_nothing_of_the_address_when_that_cannot_be_read() -> None:
    with pytest.raises(ConfigError) as told:
        connect("postgresql://hub:sec%zzret@db/hub")
    assert "zzret" not in str(told.value)
    assert told.value.__suppress_context__  # no log tells what psycopg said of it
