"""Reminders, put together from the settings: for the channel server, for delivery processes and for the commands."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from actions.reminders.campaign_runs import CampaignRuns
from actions.reminders.care import CareSettings
from actions.reminders.planning import AskedFor, Planner
from actions.reminders.store import Reminders
from channels.contacts import Contacts
from channels.delivery import Deliverer
from channels.pacing import Paces
from channels.reminding import Reminding, Times
from channels.rule_shelf import FOLDER, RuleShelf
from channels.sealing import Seal
from channels.settings import Settings
from channels.simulations import Desk
from channels.transport import Transport, broker_from

ASKED_PRIORITY = 90


@dataclass(frozen=True)
class ReminderParts:
    """Everything that has to do with reminders in one process."""

    reminders: Reminders
    runs: CampaignRuns
    shelf: RuleShelf
    care: CareSettings
    planner: Planner
    deliverer: Deliverer
    reminding: Reminding


def put_together(
    settings: Settings,
    engine: AsyncEngine,
    seal: Seal,
    channels: Mapping[str, Any],
    desk: Callable[[], Desk],
    now: Callable[[], datetime],
) -> ReminderParts:
    """The parts; raises InvalidSettings or ValueError where a setting cannot be used."""
    reminders, contacts = Reminders(engine), Contacts(engine, seal)
    runs = CampaignRuns(engine, seal.key_of("campaigns"))
    shelf = RuleShelf(desk, runs.stopped, FOLDER / "rules", FOLDER / "campaigns")
    care = CareSettings.load()
    planner = Planner(reminders, runs, shelf.voices, AskedFor(care.latest, ASKED_PRIORITY))
    lease = timedelta(seconds=settings.delivery_lease_seconds)
    paces = Paces(settings.reminder_rates, time.monotonic, settings.delivery_processes)
    deliverer = Deliverer(reminders, shelf.voices, contacts, channels, care, paces, lease=lease, now=now)
    transport = Transport(broker_from(settings.broker_url.get_secret_value()), deliverer.deliver)
    times = Times(plan=settings.plan_every_seconds)
    plans = planner if settings.plan_every_seconds else None
    reminding = Reminding(reminders, plans, deliverer, transport, lease=lease, now=now, times=times)
    return ReminderParts(reminders, runs, shelf, care, planner, deliverer, reminding)
