"""The tables of the reminders; `actions/database.py` has the others. The migrations change the schema."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, DateTime, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from actions.database import Base


class SubscriptionRow(Base):
    """Whether a worker wants to be reminded, and what is known of them for that. Times are UTC.

    `facts`: a JSON object of texts; `sources`: for each fact `chat` or the name of the platform that told it.
    `zone` is an IANA name. Quiet hours are minutes since midnight in that zone; None: those of the parameters.
    """

    __tablename__ = "subscriptions"

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(40))
    facts: Mapped[str] = mapped_column(Text, default="{}")
    sources: Mapped[str] = mapped_column(Text, default="{}")
    agreed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    method: Mapped[str | None] = mapped_column(String(40))
    wording: Mapped[str | None] = mapped_column(String(40))
    stopped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    quiet_from: Mapped[int | None] = mapped_column()
    quiet_until: Mapped[int | None] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class ReminderRow(Base):
    """A reminder that a worker asked for. `about`, `rhythm`, `state`: the words of `actions/reminders/model.py`."""

    __tablename__ = "reminders"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    about: Mapped[str] = mapped_column(String(20))
    rhythm: Mapped[str] = mapped_column(String(20))
    first: Mapped[date] = mapped_column(Date)
    day: Mapped[int] = mapped_column()
    minutes: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(10), index=True)
    skips: Mapped[str] = mapped_column(Text, default="[]")
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DeliveryRow(Base):
    """One message that is due: a row before it is a message. Times are UTC.

    `key` is what makes it one: the same occasion of the same worker is never planned twice. `origin`: `rule:<id>`,
    `asked:<about>`, `campaign:<id>/<treatment>`. `state` and `reason`: the words of `actions/reminders/model.py`.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    key: Mapped[str] = mapped_column(String(160))
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    origin: Mapped[str] = mapped_column(String(80))
    occasion: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    not_after: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    priority: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    channel: Mapped[str | None] = mapped_column(String(20))
    trace: Mapped[str] = mapped_column(String(32))
    planned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("ix_deliveries_key", "key", unique=True),
        Index("ix_deliveries_state_due", "state", "due_at"),
        Index("ix_deliveries_origin", "origin"),
    )


class ConductRow(Base):
    """What a worker did that a reminder or a campaign is judged by: `paid`, `stopped`, `complained`. Times are UTC."""

    __tablename__ = "conduct"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    what: Mapped[str] = mapped_column(String(20))
    occasion: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class AssignmentRow(Base):
    """Which treatment of a campaign a worker got (`control` for none). Times are UTC."""

    __tablename__ = "assignments"

    campaign: Mapped[str] = mapped_column(String(60), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    treatment: Mapped[str] = mapped_column(String(40))
    assigned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StoppedCampaignRow(Base):
    """A campaign that somebody stopped: by whom and when. Times are UTC."""

    __tablename__ = "stopped_campaigns"

    campaign: Mapped[str] = mapped_column(String(60), primary_key=True)
    stopped_by: Mapped[str] = mapped_column(String(80))
    stopped_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
