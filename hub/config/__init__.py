"""What this installation runs: config.yaml, typed and checked before anything starts.

In: the file, the environment, the facts of the installed connectors. Out: a frozen `Config`, or one `ConfigError` with file, line
and fix. What would count stock twice, leak a secret or name something that does not exist is refused here, not found at night.
"""

from hub.config.alerts import Alerts, MailAlert, MonitorConfig, Tls, WebhookAlert
from hub.config.load import load_config, parse_config, referenced_files
from hub.config.shape import (
    Belonging,
    Brakes,
    Config,
    ConnectionConfig,
    ConnectorFacts,
    Create,
    Delete,
    Missing,
    MovesBy,
    Policy,
    PolicyKind,
    ReceiverConfig,
    Receives,
    Reports,
    SettingFacts,
    Start,
    StockRule,
    StoreConfig,
    Synchronous,
    Update,
    Webhooks,
)
from hub.config.tags import TagRule
from hub.config.tracing import TracingConfig

__all__ = [
    "Alerts",
    "Belonging",
    "Brakes",
    "Config",
    "ConnectionConfig",
    "ConnectorFacts",
    "Create",
    "Delete",
    "MailAlert",
    "Missing",
    "MonitorConfig",
    "MovesBy",
    "Policy",
    "PolicyKind",
    "ReceiverConfig",
    "Receives",
    "Reports",
    "SettingFacts",
    "Start",
    "StockRule",
    "StoreConfig",
    "Synchronous",
    "TagRule",
    "Tls",
    "TracingConfig",
    "Update",
    "WebhookAlert",
    "Webhooks",
    "load_config",
    "parse_config",
    "referenced_files",
]
