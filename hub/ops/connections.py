"""One connection: is it well, let it rest, let it go on."""

from __future__ import annotations

from hub.clock import Clock
from hub.errors import UsageError
from hub.model.values import Doc
from hub.ops.installation import Installation
from hub.ops.office import Office
from hub.ops.setup import PROBE
from hub.sdk.boundary import named, understood
from hub.store import Unit
from hub.yamlfile import nearest


def pause(office: Office, connection: str, by: str) -> Doc:
    """Neither read nor write a connection until somebody resumes it. Its webhooks are kept, what is under way ends."""
    return _stop(office, connection, by)


def resume(office: Office, connection: str) -> Doc:
    """Read and write a connection again: what changed there meanwhile is read first."""
    done = _stop(office, connection, "")
    streams = {name for owner, name in office.ground.tables if owner == connection}
    office.reread(connection, {name for name in streams if office.ground.carrier(connection, name) == name}, None)
    return done


def _stop(office: Office, connection: str, by: str) -> Doc:
    def change(unit: Unit) -> Doc:
        states = unit.connections()
        if connection not in states:
            raise UsageError(f"There is no connection called `{connection}`.", fix=nearest(connection, states))
        before, states[connection].stopped_by = states[connection].stopped_by, by
        unit.save_connection(states[connection])
        return {"connection": connection, "paused": bool(by), "before": bool(before)}

    done = office.write(change)
    office.stop(connection, by)
    return done


def probe(installation: Installation, connection: str, clock: Clock) -> Doc:
    """Make the cheapest call that proves address and credentials, and say how long it took. Raises what the call raised."""
    config = installation.config.connections.get(connection)
    if config is None:
        names = installation.config.connections
        raise UsageError(f"There is no connection called `{connection}`.", fix=nearest(connection, names))
    connector = installation.connectors[connection]
    began = clock.elapsed()
    fix = "Check its `base_url` and its secrets in config.yaml, and that it can be reached from here."
    with named(connection, fix), understood(connection, "account"):
        client = connector.client(config.settings, installation.http(connection, config, clock, PROBE))
        account = connector.probe(client)
    return {"connection": connection, "account": account, "took_s": round(clock.elapsed() - began, 3)}
