"""Whether an answer helped."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("article_id", sa.String(60), nullable=False),
        sa.Column("question_id", sa.Integer()),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    for column in ("conversation_id", "given_at", "article_id"):
        op.create_index(f"ix_feedback_{column}", "feedback", [column])


def downgrade() -> None:
    op.drop_table("feedback")
