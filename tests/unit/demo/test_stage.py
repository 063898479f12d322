"""Where the demo listens."""

from __future__ import annotations

import socket

import pytest

from demo.stage import Ports, free_ports, given_ports
from hub.errors import Unavailable, UsageError


def chosen(ports: Ports) -> dict[str, str]:
    """Return the environment that asks for these."""
    named = {"SHOP_PORT": ports.shop, "TILL_PORT": ports.till, "CRM_PORT": ports.crm, "DESK_PORT": ports.desk}
    return {name: str(port) for name, port in (named | {"HUB_PORT": ports.hub}).items()}


def test_ports_are_those_of_the_environment_when_they_are_free() -> None:
    ports = free_ports()
    assert given_ports(chosen(ports)) == ports


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_ports_are_refused_when_they_are_none(port: str) -> None:
    with pytest.raises(UsageError, match="TILL_PORT is no port"):
        given_ports({**chosen(free_ports()), "TILL_PORT": port})


def test_ports_are_refused_when_somebody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with pytest.raises(Unavailable, match=f"Port {port} is taken, and the demo needs it \\(SHOP_PORT\\)") as refused:
            given_ports({**chosen(free_ports()), "SHOP_PORT": str(port)})
    assert "make demo" in refused.value.fix
