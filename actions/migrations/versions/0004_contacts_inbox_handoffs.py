"""Workers in messaging apps: contacts, consents, the inbox, long payloads, codes that join apps, and handoffs."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2)),
        sa.Column("campaign", sa.String(64)),
        sa.Column("platform", sa.String(64)),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_inbound", TIME, nullable=False),
        sa.Column("stopped_at", TIME),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("choices", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_index("ix_contacts_address", "contacts", ["channel", "address_key"], unique=True)
    for column in ("conversation_id", "last_inbound"):
        op.create_index(f"ix_contacts_{column}", "contacts", [column])
    _consents_and_inbox()
    _payloads_and_codes()
    _handoffs()


def _consents_and_inbox() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("wording", sa.String(40), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_contact_id", "consents", ["contact_id"])
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("event", sa.Text()),
        sa.Column("reply", sa.Text()),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_message", "inbox", ["channel", "message_key"], unique=True)
    for column in ("state", "received_at"):
        op.create_index(f"ix_inbox_{column}", "inbox", [column])


def _payloads_and_codes() -> None:
    op.create_table(
        "payloads",
        sa.Column("token", sa.String(20), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_payloads"),
    )
    op.create_table(
        "link_codes",
        sa.Column("code_key", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("code_key", name="pk_link_codes"),
    )
    op.create_index("ix_link_codes_conversation_id", "link_codes", ["conversation_id"])


def _handoffs() -> None:
    op.create_table(
        "handoffs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("claimed_by", sa.String(80)),
        sa.Column("claimed_at", TIME),
        sa.Column("closed_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
    )
    for column in ("conversation_id", "state"):
        op.create_index(f"ix_handoffs_{column}", "handoffs", [column])
    op.create_table(
        "handoff_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("said_by", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handoff_lines"),
    )
    for column in ("handoff_id", "conversation_id"):
        op.create_index(f"ix_handoff_lines_{column}", "handoff_lines", [column])


def downgrade() -> None:
    for table in ("handoff_lines", "handoffs", "link_codes", "payloads", "inbox", "consents", "contacts"):
        op.drop_table(table)
