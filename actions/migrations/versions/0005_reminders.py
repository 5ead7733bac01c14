"""Reminders: who wants them, which were asked for, what is due, what workers did, and campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _subscriptions_and_reminders()
    _deliveries()
    _campaigns()


def _subscriptions_and_reminders() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("zone", sa.String(40), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("agreed_at", TIME),
        sa.Column("method", sa.String(40)),
        sa.Column("wording", sa.String(40)),
        sa.Column("stopped_at", TIME),
        sa.Column("quiet_from", sa.Integer()),
        sa.Column("quiet_until", sa.Integer()),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_updated_at", "subscriptions", ["updated_at"])
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("about", sa.String(20), nullable=False),
        sa.Column("rhythm", sa.String(20), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("skips", sa.Text(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
    )
    for column in ("conversation_id", "state"):
        op.create_index(f"ix_reminders_{column}", "reminders", [column])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(80), nullable=False),
        sa.Column("occasion", sa.String(60), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("not_after", TIME, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", TIME),
        sa.Column("channel", sa.String(20)),
        sa.Column("trace", sa.String(32), nullable=False),
        sa.Column("planned_at", TIME, nullable=False),
        sa.Column("done_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_key", "deliveries", ["key"], unique=True)
    op.create_index("ix_deliveries_state_due", "deliveries", ["state", "due_at"])
    for column in ("conversation_id", "origin"):
        op.create_index(f"ix_deliveries_{column}", "deliveries", [column])


def _campaigns() -> None:
    op.create_table(
        "conduct",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("occasion", sa.String(60)),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conduct"),
    )
    for column in ("conversation_id", "at"):
        op.create_index(f"ix_conduct_{column}", "conduct", [column])
    op.create_table(
        "assignments",
        sa.Column("campaign", sa.String(60), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("treatment", sa.String(40), nullable=False),
        sa.Column("assigned_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "conversation_id", name="pk_assignments"),
    )
    op.create_table(
        "stopped_campaigns",
        sa.Column("campaign", sa.String(60), nullable=False),
        sa.Column("stopped_by", sa.String(80), nullable=False),
        sa.Column("stopped_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("campaign", name="pk_stopped_campaigns"),
    )


def downgrade() -> None:
    for table in (
        "stopped_campaigns",
        "assignments",
        "conduct",
        "deliveries",
        "reminders",
        "subscriptions",
    ):
        op.drop_table(table)
