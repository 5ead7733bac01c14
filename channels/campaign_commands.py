"""`shebao campaigns list | preflight | stop | report`: before the start, the stop button, and what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.table import Table

from actions.reminders.assignment import CONTROL, check_shares
from actions.reminders.campaign_preflight import CampaignPreflight, Counts, Load
from actions.reminders.campaign_preflight import preflight as checked
from actions.reminders.campaign_report import Report
from actions.reminders.campaign_report import report as effects
from actions.reminders.campaign_wording import CampaignWords, read_texts
from actions.reminders.campaigns import Campaign
from actions.reminders.care import Send, Suppress, decide
from actions.reminders.delivery_rows import Planned
from actions.reminders.model import CannotSay, Delivery, DeliveryState, Language, Reason, Subscription
from actions.reminders.voices import Voices
from actions.settings import CHINA
from channels.messaging import utc_now
from channels.reminder_commands import LOOKS_BACK, JsonOption, carry_out, fail, out
from channels.reminder_wiring import ReminderParts
from channels.sms_segments import segments as segments_of

PAGE = 5000
SMS = "sms"

commands = typer.Typer(no_args_is_help=True, help="Campaigns: before the start, the stop button, and what came of it.")
IdArgument = Annotated[str, typer.Argument(help="the campaign's id, its file's name without .yml")]
LangOption = Annotated[str, typer.Option("--lang", help="zh or en")]
PriceOption = Annotated[float | None, typer.Option("--sms-price", min=0, help="yuan for one SMS segment")]


@commands.command("list")
def list_all(as_json: JsonOption = False) -> None:
    """Every campaign and where it stands."""

    async def read(parts: ReminderParts) -> list[dict[str, Any]]:
        words, today = await parts.shelf.voices(), datetime.now(CHINA).date()
        return [
            {
                "id": one.id, "state": "stopped" if one.id in words.stopped else str(one.state(today)),
                "from": str(one.starts_on), "until": str(one.ends_on), "owner": one.owner,
                "drawn": await parts.runs.drawn_so_far(one.id),
            }
            for one in words.campaigns.values()
        ]  # fmt: skip

    rows = carry_out(read)
    if as_json:
        out.print_json(data=rows)
        return
    table = Table("campaign", "state", "from", "until", "owner", "drawn")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    out.print(table if rows else "there is no campaign")


@commands.command()
def preflight(campaign: IdArgument, lang: LangOption = "zh", sms_price: PriceOption = None) -> None:
    """Before the start: whom it would reach and whom not and why, what it costs, and whether it can show an effect."""
    language = _language(lang)

    async def look(parts: ReminderParts) -> CampaignPreflight:
        words = await parts.shelf.voices()
        one = _named(words, campaign)
        try:
            check_shares(one.shares)
        except ValueError as error:
            fail(f"{campaign}: {error}")
        counts = await counted(parts, words, one, utc_now())
        prices = {} if sms_price is None else {SMS: Decimal(str(sms_price))}
        return checked(one, counts, datetime.now(CHINA).date(), prices)

    out.print(CampaignWords(read_texts(), language).preflight(carry_out(look)), markup=False, soft_wrap=True)


async def counted(parts: ReminderParts, words: Voices, campaign: Campaign, now: datetime) -> Counts:
    """Everybody the campaign is for, as they would be drawn and decided about at its first hour."""
    arms: Counter[str] = Counter(dict.fromkeys(campaign.shares, 0))
    suppressed: Counter[Reason] = Counter()
    loads: dict[str, list[int]] = {}
    async for page in parts.reminders.subscriptions.pages(PAGE):
        fitting = [one for one in page if campaign.fits(one.facts)]
        ids = [one.conversation_id for one in fitting]
        apps = await parts.deliverer.reachable(ids)
        sent = await parts.reminders.deliveries.sent_since(ids, now - LOOKS_BACK)
        for one in fitting:
            treatment = parts.runs.treatment(campaign, one.conversation_id)
            arms[treatment] += 1
            if treatment == CONTROL:
                continue
            app = apps.get(one.conversation_id)
            reason, segments = _judged(
                parts, words, campaign, treatment, one, app, sent.get(one.conversation_id, ()), now
            )
            if reason is not None or app is None:
                suppressed[reason or Reason.NO_CHANNEL] += 1
            else:
                load = loads.setdefault(app, [0, 0])
                load[0] += 1
                load[1] += segments
    return Counts(arms.total(), arms, suppressed, {name: Load(*load) for name, load in loads.items()})


def _judged(
    parts: ReminderParts,
    words: Voices,
    campaign: Campaign,
    treatment: str,
    worker: Subscription,
    app: str | None,
    sent: Sequence[datetime],
    now: datetime,
) -> tuple[Reason | None, int]:
    """Why the worker would not be told, or how many SMS segments it takes."""
    row = parts.runs.planned(campaign, worker, treatment, now)
    verdict = decide(_as_delivery(row), worker, now=max(now, row.due_at), sent=sent, settings=parts.care)
    if isinstance(verdict, Suppress):
        return verdict.reason, 0
    if not isinstance(verdict, Send) and verdict.until > row.not_after:
        return verdict.reason or Reason.TOO_LATE, 0
    try:
        on = row.due_at.astimezone(CHINA).date()
        said = words.message(row.origin, row.occasion, worker.facts, on, worker.language, app or "")
    except CannotSay:
        return Reason.NO_FIGURE, 0
    return None, segments_of(said.text).segments if app == SMS else 0


@commands.command()
def stop(
    campaign: IdArgument,
    by: Annotated[str, typer.Option("--by", help="the team or role that stops it; kept on record")],
) -> None:
    """Stop a campaign for good: nothing more is sent, and what is queued goes."""
    if not by.strip() or len(by) > 80:
        fail("--by: 1 to 80 characters that say which team or role stops it")

    async def end(parts: ReminderParts) -> int:
        _named(await parts.shelf.voices(), campaign)
        return await parts.runs.stop(campaign, by.strip(), utc_now())

    out.print(f"{campaign} is stopped; {carry_out(end)} queued messages were taken away")


@commands.command("report")
def show_report(campaign: IdArgument, lang: LangOption = "zh", as_json: JsonOption = False) -> None:
    """What came of it: the effect of each treatment, opt-outs and complaints; small groups are hidden."""
    language = _language(lang)

    async def read(parts: ReminderParts) -> tuple[Campaign, Report]:
        one = _named(await parts.shelf.voices(), campaign)
        return one, effects(await parts.runs.observations(one), shares=one.shares)

    one, found = carry_out(read)
    if as_json:
        out.print_json(data=asdict(found), default=str)
        return
    today: date = datetime.now(CHINA).date()
    out.print(CampaignWords(read_texts(), language).report(one, found, today), markup=False, soft_wrap=True)


def _named(words: Voices, campaign: str) -> Campaign:
    if campaign not in words.campaigns:
        known: Mapping[str, Campaign] = words.campaigns
        fail(f"there is no campaign {campaign!r}; accepted: {', '.join(sorted(known)) or 'none is there'}")
    return words.campaigns[campaign]


def _language(lang: str) -> Language:
    if lang not in ("zh", "en"):
        fail(f"--lang {lang!r} is not known; zh and en are accepted")
    return "en" if lang == "en" else "zh"


def _as_delivery(row: Planned) -> Delivery:
    return Delivery(
        0, row.key, row.conversation_id, row.origin, row.occasion, row.due_at, row.not_after, row.priority,
        DeliveryState.PLANNED, None, 0, None, "", row.due_at, None,
    )  # fmt: skip
