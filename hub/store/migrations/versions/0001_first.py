"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "approval",
        sa.Column("plan", BIG, autoincrement=False, nullable=False),
        sa.Column("entity_id", BIG, autoincrement=False, nullable=False),
        sa.Column("connection", TEXT, autoincrement=False, nullable=False),
        sa.Column("stream", TEXT, autoincrement=False, nullable=False),
        sa.Column("link_id", BIG, autoincrement=False, nullable=False),
        sa.Column("path", TEXT, autoincrement=False, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("brake", TEXT, nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.Column("wanted", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("plan", "entity_id", "connection", "stream", "link_id", "path"),
    )
    op.create_index("approval_at", "approval", ["at"], unique=False)
    op.create_index("approval_entity", "approval", ["entity_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("delivery_id", BIG, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("operation", TEXT, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("entity_type", TEXT, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("link_id", BIG, nullable=True),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("calls", sa.LargeBinary(), nullable=False),
        sa.Column("change", sa.LargeBinary(), nullable=False),
        sa.Column("covers", sa.LargeBinary(), nullable=False),
        sa.Column("done", BIG, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=False),
        sa.Column("base_version", BIG, nullable=True),
        sa.Column("marker", TEXT, nullable=True),
        sa.Column("looks", BIG, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("attempt_entity", "attempt", ["entity_id", "id"], unique=False)
    op.create_index("attempt_link", "attempt", ["link_id", "id"], unique=False)
    op.create_index(
        "attempt_open",
        "attempt",
        ["connection", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "balance",
        sa.Column("variant_id", BIG, autoincrement=False, nullable=False),
        sa.Column("location_id", BIG, autoincrement=False, nullable=False),
        sa.Column("on_hand", BIG, nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("variant_id", "location_id"),
    )
    op.create_table(
        "connection_state",
        sa.Column("name", TEXT, autoincrement=False, nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("paused", TEXT, nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("accepted", BIG, nullable=False),
        sa.Column("rewound_at", BIG, nullable=False),
        sa.Column("signs", sa.LargeBinary(), nullable=False),
        sa.Column("stopped_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "counter",
        sa.Column("kind", TEXT, autoincrement=False, nullable=False),
        sa.Column("next", BIG, nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("suggestion", TEXT, nullable=False),
        sa.Column("tries", BIG, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("dead_letter_record", "dead_letter", ["connection", "stream", "external_id"], unique=False)
    op.create_index("dead_letter_state", "dead_letter", ["state", "id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("entity_type", TEXT, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("link_id", BIG, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("wait", TEXT, nullable=False),
        sa.Column("not_before", BIG, nullable=False),
        sa.Column("tries", BIG, nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("aside", BIG, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("brake", TEXT, nullable=False),
        sa.Column("left_out", sa.LargeBinary(), nullable=False),
        sa.Column("approved", sa.LargeBinary(), nullable=False),
        sa.Column("act", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "delivery_create",
        "delivery",
        ["entity_id", "connection", "stream"],
        unique=True,
        sqlite_where=sa.text("link_id IS NULL"),
        postgresql_where=sa.text("link_id IS NULL"),
    )
    op.create_index("delivery_due", "delivery", ["connection", "state", "since", "id"], unique=False)
    op.create_index("delivery_entity", "delivery", ["entity_id"], unique=False)
    op.create_index(
        "delivery_link",
        "delivery",
        ["link_id"],
        unique=True,
        sqlite_where=sa.text("link_id IS NOT NULL"),
        postgresql_where=sa.text("link_id IS NOT NULL"),
    )
    op.create_table(
        "document",
        sa.Column("entity_id", BIG, autoincrement=False, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("number", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=True),
        sa.Column("at", BIG, nullable=False),
        sa.Column("amount", BIG, nullable=True),
        sa.Column("currency", TEXT, nullable=True),
        sa.Column("customer_id", BIG, nullable=True),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("customer_ref", TEXT, nullable=True),
        sa.Column("order_ref", TEXT, nullable=True),
        sa.Column("ticket_ref", TEXT, nullable=True),
        sa.Column("email", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("entity_id"),
    )
    op.create_index("document_customer", "document", ["customer_id", "at", "entity_id"], unique=False)
    op.create_index("document_order", "document", ["order_id", "at", "entity_id"], unique=False)
    op.create_index("document_ticket", "document", ["ticket_id", "at", "entity_id"], unique=False)
    op.create_index("document_number", "document", ["number", "type"], unique=False)
    for name in ("customer_ref", "order_ref", "ticket_ref", "email"):
        known = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"document_{name}", "document", [name], unique=False, sqlite_where=known, postgresql_where=known)
    op.create_table(
        "drift",
        sa.Column("connection", TEXT, autoincrement=False, nullable=False),
        sa.Column("stream", TEXT, autoincrement=False, nullable=False),
        sa.Column("path", TEXT, autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, autoincrement=False, nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("first_at", BIG, nullable=False),
        sa.Column("last_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "path", "kind"),
    )
    op.create_table(
        "entity",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("alias_of", BIG, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.Column("next_element", BIG, nullable=False),
        sa.Column("born_at", BIG, nullable=False),
        sa.Column("golden", sa.LargeBinary(), nullable=False),
        sa.Column("more", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "entity_alias",
        "entity",
        ["alias_of"],
        unique=False,
        sqlite_where=sa.text("alias_of IS NOT NULL"),
        postgresql_where=sa.text("alias_of IS NOT NULL"),
    )
    op.create_index("entity_kind", "entity", ["state", "type"], unique=False)
    op.create_table(
        "event_seen",
        sa.Column("connection", TEXT, autoincrement=False, nullable=False),
        sa.Column("event_id", TEXT, autoincrement=False, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("connection", "event_id"),
    )
    op.create_index("event_seen_at", "event_seen", ["at"], unique=False)
    op.create_table(
        "flag",
        sa.Column("name", TEXT, autoincrement=False, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "hint",
        sa.Column("connection", TEXT, autoincrement=False, nullable=False),
        sa.Column("stream", TEXT, autoincrement=False, nullable=False),
        sa.Column("external_id", TEXT, autoincrement=False, nullable=False),
        sa.Column("first_at", BIG, nullable=False),
        sa.Column("not_before", BIG, nullable=False),
        sa.Column("tries", BIG, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("news", BIG, nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "external_id"),
    )
    op.create_index("hint_due", "hint", ["connection", "not_before"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("link_id", BIG, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("field", TEXT, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    edits = sa.text("kind = 'edit'")
    op.create_index("journal_edit", "journal", ["at"], unique=False, sqlite_where=edits, postgresql_where=edits)
    op.create_index("journal_entity", "journal", ["entity_id", "id"], unique=False)
    op.create_table(
        "lease",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("fencing", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "link",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("external_id", TEXT, nullable=False),
        sa.Column("entity_type", TEXT, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("birth", TEXT, nullable=True),
        sa.Column("by_hub", sa.Boolean(), nullable=False),
        sa.Column("linked_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=False),
        sa.Column("version", BIG, nullable=True),
        sa.Column("changed_at", BIG, nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", TEXT, nullable=False),
        sa.Column("fence_seq", BIG, nullable=False),
        sa.Column("owed_read", sa.Boolean(), nullable=False),
        sa.Column("attempt_id", BIG, nullable=True),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("more", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection", "stream", "external_id"),
    )
    op.create_index("link_entity", "link", ["entity_id"], unique=False)
    ended = sa.text("state <> 'live'")
    op.create_index(
        "link_ended", "link", ["connection", "stream"], unique=False, sqlite_where=ended, postgresql_where=ended
    )
    op.create_table(
        "match_key",
        sa.Column("entity_type", TEXT, autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, autoincrement=False, nullable=False),
        sa.Column("value", TEXT, autoincrement=False, nullable=False),
        sa.Column("link_id", BIG, autoincrement=False, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("entity_type", "kind", "value", "link_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "movement",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("variant_id", BIG, nullable=False),
        sa.Column("location_id", BIG, nullable=False),
        sa.Column("link_id", BIG, nullable=True),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("quantity", TEXT, nullable=False),
        sa.Column("delta", BIG, nullable=False),
        sa.Column("occurred_at", BIG, nullable=False),
        sa.Column("recorded_at", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "movement_document",
        "movement",
        ["document", "quantity"],
        unique=True,
        sqlite_where=sa.text("document IS NOT NULL"),
        postgresql_where=sa.text("document IS NOT NULL"),
    )
    op.create_index("movement_level", "movement", ["variant_id", "location_id", "id"], unique=False)
    op.create_table(
        "raw",
        sa.Column("link_id", BIG, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("link_id"),
    )
    op.create_table(
        "read_cursor",
        sa.Column("connection", TEXT, autoincrement=False, nullable=False),
        sa.Column("stream", TEXT, autoincrement=False, nullable=False),
        sa.Column("since", BIG, nullable=True),
        sa.Column("token", TEXT, nullable=True),
        sa.Column("high", BIG, nullable=True),
        sa.Column("window_started_seq", BIG, nullable=False),
        sa.Column("window_started_at", BIG, nullable=False),
        sa.Column("first_complete_at", BIG, nullable=True),
        sa.Column("first_complete_seq", BIG, nullable=False),
        sa.Column("first_high", BIG, nullable=True),
        sa.Column("full_at", BIG, nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("seen", BIG, nullable=False),
        sa.Column("total", BIG, nullable=True),
        sa.Column("first_total", BIG, nullable=True),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream"),
    )
    op.create_table(
        "review",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("entity_id", BIG, nullable=True),
        sa.Column("link_id", BIG, nullable=True),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("resolved_at", BIG, nullable=True),
        sa.Column("answer", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("review_entity", "review", ["entity_id"], unique=False)
    op.create_index(
        "review_open",
        "review",
        ["about", "kind"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "run",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("error", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_stream", "run", ["connection", "stream", "id"], unique=False)
    op.create_table(
        "share",
        sa.Column("document_id", BIG, autoincrement=False, nullable=False),
        sa.Column("variant_id", BIG, autoincrement=False, nullable=False),
        sa.Column("location_id", BIG, autoincrement=False, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("moved", BIG, nullable=False),
        sa.Column("kept", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("steps", BIG, nullable=False),
        sa.Column("waits", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("document_id", "variant_id", "location_id"),
    )
    op.create_index("share_level", "share", ["variant_id", "location_id"], unique=False)
    ending = sa.text("kept <> 0 AND until > 0")
    op.create_index("share_until", "share", ["until"], unique=False, sqlite_where=ending, postgresql_where=ending)
    waiting = sa.text("waits IS NOT NULL")
    op.create_index("share_waits", "share", ["waits"], unique=False, sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "waiting",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("external_id", TEXT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("sent_at", BIG, nullable=False),
        sa.Column("received_at", BIG, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("waits_for", TEXT, nullable=False),
        sa.Column("deadline", BIG, nullable=False),
        sa.Column("parked_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection", "stream", "external_id"),
    )
    op.create_index("waiting_deadline", "waiting", ["deadline"], unique=False)
    op.create_index("waiting_for", "waiting", ["waits_for"], unique=False)
    op.create_table(
        "window_seen",
        sa.Column("connection", TEXT, autoincrement=False, nullable=False),
        sa.Column("stream", TEXT, autoincrement=False, nullable=False),
        sa.Column("window", BIG, autoincrement=False, nullable=False),
        sa.Column("external_id", TEXT, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "window", "external_id"),
        sqlite_with_rowid=False,
    )
    # ### end Alembic commands ###
