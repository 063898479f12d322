"""The files that `hub init` writes into an empty folder, each explaining itself.

In: the folder and the manifests of the installed connectors. Out: file name -> text. No secret stands in any of them.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hub.sdk.manifest import Manifest, Setting

CONFIG: Final = """\
# What this installation runs. `hub check --offline` says what is wrong with it, with line and column.
# Secrets never stand here: write ${NAME} for a variable (of the environment, or of the file .env beside this one),
# or ${file:secrets/name} for a file that holds the value and nothing else.
retailer: My shops
store: {url: "${HUB_STORE:-sqlite:///.hub/hub.db}"}     # or postgresql://...; nothing to set up for a file
receiver:                                  # where webhooks arrive. Without a public address everything is polled
  host: "${HUB_HOST:-127.0.0.1}"
  port: "${HUB_PORT:-8100}"
  public_url: "${HUB_PUBLIC_URL:-http://127.0.0.1:8100}"
monitor: {port: "${HUB_MONITOR_PORT:-8109}"}            # /metrics for Prometheus, for this machine only

# Who is told when something needs a person, once when it begins and once when it is over. Without it, see `hub status`.
alerts: {}
#  mail: {server: mail.example.com, from: hub@example.com, to: me@example.com, user: hub, password: "${MAIL_PASSWORD}"}
#  webhook: {url: "${ALERT_URL}"}
#  command: /usr/local/bin/page-me
#  digest: 24h

# Where every change can be followed on its way (OpenTelemetry); needs `pip install syncline[otel]`. Without it: nowhere.
# tracing: {endpoint: "http://127.0.0.1:4318", headers: {authorization: "${TRACES_AUTHORIZATION}"}, sample: 10%}

# One block per account. Take the `#` away in front of the blocks you need (and the `{}` behind `connections:`), and give each a
# name you like: it is what `hub` calls that system. Their order counts: where two systems hold different values before the hub
# has seen anybody change one, the first one's counts.
connections: {}
"""
RULES: Final = """
# Who is right when two systems hold different values? By default the newest entry, per field. Say otherwise here.
policies: {}
#  customer:
#    email: {prefer: [shop]}               # the shop's, as long as it has one
#  variant:
#    price: {owner: shop}                  # prices are made in the shop; what is typed elsewhere is put right

# Above these shares of a stream, changes wait for your yes (`hub plan`, `hub apply`).
brakes:
  deletes: 20%
  prices: 10%
"""
FIRST: Final = """\
    start: observe                         # observe: only read · propose: every change waits for your yes · live: writes.
                                           # Read once; afterwards `hub connection mode NAME propose` changes it
    every: 30s                             # how often it is asked for news; webhooks bring them at once
    entities:                              # what the hub may make there; nothing, where nothing is said
      customer: {create: always}
"""
PLACES: Final = """\
    locations: {store-1: Main Street}      # your code of a place: its name or id there
    stock:
      store-1: {opening: true}             # this system's count is where the hub starts; exactly one per place
"""
ENV: Final = """\
# Secrets and addresses for config.yaml. Copy this file to `.env` (install -m 600 .env.example .env) and fill in what you use.
# One NAME=value per line; what is set in the environment wins. Keep `.env` out of version control.
"""
IGNORED: Final = ".env\n.hub/\nsecrets/\n"
MAPPINGS: Final = """\
# Mapping files of this installation

The hub ships a table for every stream it knows. `hub mapping show till/customers` prints one, and
`hub mapping copy till/customers` puts its file here, for you to edit: a file here takes the place of the shipped one of the same
name. `hub mapping check` says what is wrong with it, with line and column; what a change would
do waits for your yes in `hub plan`.
"""
UNIT: Final = """\
# The hub as a service of systemd: survives reboots, restarts after a crash, logs to the journal.
#   sudo cp {name}.service /etc/systemd/system/ && sudo systemctl enable --now {name}
[Unit]
Description=Syncline, {folder}
After=network-online.target
Wants=network-online.target

[Service]
User={user}
WorkingDirectory={folder}
ExecStart={hub} run
Restart=on-failure
RestartSec=2
TimeoutStopSec=15
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={folder}

[Install]
WantedBy=multi-user.target
"""
SERVICE: Final = "syncline"


def starter(folder: Path, manifests: Mapping[str, Manifest]) -> dict[str, str]:
    """Return what a new folder begins with, config.yaml first."""
    return {
        "config.yaml": CONFIG + "".join(connection_block(one) for one in manifests.values()) + RULES,
        ".env.example": ENV + "".join(variables(one) for one in manifests.values()),
        ".gitignore": IGNORED,
        "mappings/README.md": MAPPINGS,
        f"{SERVICE}.service": unit_file(folder),
    }


def unit_file(folder: Path) -> str:
    """Return a systemd unit that runs the hub in a folder as its owner."""
    here = folder.resolve()
    return UNIT.format(name=SERVICE, folder=here, user=_owner(here), hub=_command())


def _owner(folder: Path) -> str:
    try:
        return folder.owner()
    except (KeyError, OSError, NotImplementedError):  # an owner without a name (a container), or no such thing here
        return "hub"


def _command() -> str:
    """Return the `hub` that runs now, else the one in the path."""
    beside = Path(sys.executable).with_name("hub")
    return str(beside) if os.access(beside, os.X_OK) else shutil.which("hub") or "hub"


def connection_block(manifest: Manifest) -> str:
    """Return the commented block of a connector for config.yaml, with every setting it must have and every secret."""
    lines = [f"  {manifest.name + ':':<40} # {manifest.title} ({manifest.category})"]
    lines += [f"    connector: {manifest.name}", "    settings:", *(f"      {line}" for line in _settings(manifest))]
    lines += FIRST.splitlines() + (PLACES.splitlines() if "inventory" in manifest.streams else [])
    return "#\n" + "".join(f"#{line}".rstrip() + "\n" for line in lines)


def _settings(manifest: Manifest) -> Iterator[str]:
    """Return what an account needs, and what differs from one to the next; the rest is in the connector's own page."""
    for name, setting in manifest.settings.items():
        if setting.secret or setting.required:
            line = f'{name}: "${{{variable(manifest.name, name)}{"" if setting.required else ":-"}}}"'
        elif setting.default is None or name == "base_url":
            line = f"{name}: {setting.default}" if setting.default else f"# {name}:"
        else:
            continue
        yield f"{line:<62} # {_said(setting)}"


def _said(setting: Setting) -> str:
    first = setting.help.partition(". ")[0].rstrip(".")
    return first if setting.required else f"(optional) {first}"


def variable(connector: str, setting: str) -> str:
    """Return the variable that stands for a setting: `square`, `access_token` -> SQUARE_ACCESS_TOKEN."""
    return f"{connector}_{setting}".upper()


def variables(manifest: Manifest) -> str:
    """Return the commented lines of a connector for `.env`."""
    wanted = [name for name, setting in manifest.settings.items() if setting.secret or setting.required]
    return "".join(["\n", f"# {manifest.title}\n", *(f"#{variable(manifest.name, name)}=\n" for name in wanted)])
