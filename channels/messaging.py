"""The messaging channels that the environment names, put together, and their routes."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi import Request as HttpRequest
from fastapi import Response as HttpResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import open_database
from actions.settings import Settings as ActionSettings
from actions.workers import Workers
from channels.channel import Channel, Request
from channels.colleagues import Colleagues
from channels.contacts import Contacts
from channels.dispatch import LEFT_BEHIND, Dispatcher
from channels.gateway import Gateway
from channels.handoffs import Handoffs
from channels.identity import Identities
from channels.inbox import Inbox
from channels.links import Links
from channels.message import Reply
from channels.metrics import Metrics
from channels.platforms import Platforms
from channels.reminder_wiring import ReminderParts, put_together
from channels.sealing import Seal, seal_from
from channels.sentences import Sentences
from channels.settings import Settings
from channels.short_payloads import ShortPayloads
from channels.simulations import Desk
from channels.turns import Turns
from channels.visitors import Visitors
from channels.visits import Visits

log = logging.getLogger(__name__)

PREFIX = "/channels/"
INBOX_RETENTION = timedelta(days=7)  # longer than any platform sends a message again
HOUSEKEEPING_SECONDS = 60.0
Labels = Mapping[str, Mapping[str, str]]


def utc_now() -> datetime:
    """The clock of the messaging channels."""
    return datetime.now(UTC)


def labels_of(sentences: Sentences, section: str = "labels") -> Labels:
    """A section of the sentences by language and name."""
    both = {name: sentences.both(section, name, date="{date}") for name in sorted(sentences.names(section))}
    return {
        "zh": {name: sentence.zh for name, sentence in both.items()},
        "en": {name: sentence.en for name, sentence in both.items()},
    }


def channels_named_by(
    environment: Mapping[str, str], settings: Settings, sentences: Sentences, state_dir: Path
) -> tuple[Channel[Any], ...]:
    """Every channel whose keys are in the environment; pydantic's ValidationError names what is wrong with one.

    A channel's libraries are loaded only where it is used: Telegram's alone take a second and 40 MB.
    """
    labels = labels_of(sentences)
    found: list[Channel[Any]] = []
    if environment.get("SHEBAO_TELEGRAM_TOKEN"):
        found.append(_telegram(labels))
    if environment.get("SHEBAO_WECHAT_APP_ID"):
        found.append(_wechat(labels, state_dir))
    if environment.get("SHEBAO_SMS_PROVIDER"):
        found.append(_sms(labels, settings.public_url))
    return tuple(found)


def _telegram(labels: Labels) -> Channel[Any]:
    from channels.drawing import draw
    from channels.telegram import TelegramChannel, TelegramSettings

    held = TelegramSettings()
    return TelegramChannel(held.token, held.webhook_secret, held.base_url, held.timeout_seconds, labels, draw)


def _wechat(labels: Labels, state_dir: Path) -> Channel[Any]:
    from channels.drawing import draw
    from channels.wechat import WeChatChannel, WeChatSettings
    from channels.wechat_token import FileTokenStore

    return WeChatChannel(WeChatSettings(), labels, draw, utc_now, FileTokenStore(state_dir / "wechat_token.json"))


def _sms(labels: Labels, public_url: str) -> Channel[Any]:
    from channels.sms import SmsChannel, SmsSettings

    held = SmsSettings()
    if held.provider == "twilio":
        from channels.sms_twilio import TwilioProvider, TwilioSettings

        more = _link_to(held.link_base or public_url)
        return SmsChannel(TwilioProvider(TwilioSettings()), labels, max_segments=held.max_segments, more=more)
    from channels.sms_alibaba import AlibabaProvider, AlibabaSettings

    # Alibaba refuses links in a template's variable, so a shortened answer has none.
    return SmsChannel(AlibabaProvider(AlibabaSettings(), utc_now), labels, max_segments=held.max_segments)


def _pushing(platforms: Platforms, settings: Settings) -> tuple[Channel[Any], ...]:
    """The apps of the platforms that take messages for their workers, as one channel."""
    if not any(platform.notify for platform in platforms.values()):
        return ()
    from channels.platform_push import PlatformPush

    return (PlatformPush(platforms, settings.notify_deadline_seconds, utc_now),)


def _link_to(address: str) -> Callable[[Reply], str | None] | None:
    return (lambda _: address) if address else None


@dataclass(frozen=True)
class Messaging:
    """The channels of this process over one database; `retention`: after it a silent contact is deleted.

    `alone`: no other process shares the database, so that what is left is taken up at the start.
    """

    channels: tuple[Channel[Any], ...]
    engine: AsyncEngine
    seal: Seal
    retention: timedelta
    alone: bool = True
    platforms: Platforms = field(default_factory=Platforms)
    reminds: bool = False

    @classmethod
    def from_environment(cls, settings: Settings, actions: ActionSettings, sentences: Sentences) -> "Messaging":
        """As the environment says; raises pydantic's ValidationError, or ValueError for a contact key too short."""
        platforms = Platforms.load(settings.platforms_file)
        return cls(
            (*channels_named_by(os.environ, settings, sentences, actions.state_dir), *_pushing(platforms, settings)),
            open_database(actions.database),
            seal_from(settings.contact_key.get_secret_value(), actions.state_dir),
            timedelta(days=actions.worker_retention_days),
            alone=settings.channel_processes == 1,
            platforms=platforms,
            reminds=settings.reminders,
        )

    def handoffs(self) -> Handoffs:
        """The handoffs in this database."""
        return Handoffs(self.engine, utc_now)

    def colleagues(self, settings: Settings, sentences: Sentences) -> Colleagues | None:
        """The people behind the assistant; None without a desk, because nobody would come."""
        return Colleagues(self.handoffs(), sentences, utc_now) if settings.desk_token.get_secret_value() else None

    def visitors(self) -> Visitors:
        """Who writes on the web. What a platform tells of a worker's place counts until the worker says another."""
        workers = Workers(self.engine)

        async def remember(conversation_id: str, language: str, region: str | None, at: datetime) -> None:
            if (await workers.held(conversation_id)).region is None:
                await workers.remember(conversation_id, language, region, at)

        identities = Identities(self.platforms, utc_now) if self.platforms else None
        key = self.seal.key_of("web").encode()
        return Visitors(
            identities, Contacts(self.engine, self.seal), key, remember, utc_now,
            lambda platform: platform in self.platforms and self.platforms[platform].notify is not None,
        )  # fmt: skip

    def reminding(self, settings: Settings, desk: Callable[[], Desk]) -> ReminderParts:
        """Reminders over this database and these channels; raises ValueError where a setting cannot be used."""
        channels = {channel.name: channel for channel in self.channels}
        return put_together(settings, self.engine, self.seal, channels, desk, utc_now)

    def links(self, sentences: Sentences) -> Links:
        """The codes that join two apps."""
        return Links(Contacts(self.engine, self.seal), sentences, utc_now)

    def dispatcher(
        self, gateway: Gateway, sentences: Sentences, metrics: Metrics, links: Links, visits: Visits | None = None
    ) -> Dispatcher:
        """What takes the requests of the channels."""
        contacts, payloads = Contacts(self.engine, self.seal), ShortPayloads(self.engine)
        turns = Turns(gateway, contacts, payloads, sentences, utc_now, links, visits)
        return Dispatcher(
            self.channels, turns=turns, contacts=contacts, inbox=Inbox(self.engine, self.seal), payloads=payloads,
            metrics=metrics, now=utc_now,
        )  # fmt: skip

    @asynccontextmanager
    async def running(self, dispatcher: Dispatcher) -> AsyncIterator[None]:
        """Takes up what an earlier process left, forgets what is old once an hour, and ends in peace."""
        housekeeping = asyncio.create_task(self._keep_house(dispatcher))
        try:
            yield
        finally:
            housekeeping.cancel()
            await asyncio.gather(housekeeping, return_exceptions=True)
            await dispatcher.close()
            await self.engine.dispose()

    async def _keep_house(self, dispatcher: Dispatcher) -> None:
        contacts, inbox = Contacts(self.engine, self.seal), Inbox(self.engine, self.seal)
        after = timedelta(0) if self.alone else LEFT_BEHIND
        while True:
            try:
                await dispatcher.resume(after=after)
                after = LEFT_BEHIND
                await inbox.expire(utc_now() - INBOX_RETENTION)
                await contacts.expire(utc_now() - self.retention)
                await self.handoffs().expire(utc_now() - self.retention)
            except Exception as error:  # a database that is down must not end the house-keeping
                log.error("house-keeping of the inbox failed: %s", type(error).__name__)
            await asyncio.sleep(HOUSEKEEPING_SECONDS)


def add_webhooks(app: FastAPI, dispatcher: Dispatcher, public_url: str) -> None:
    """The routes of all channels; what is behind them knows no web server."""
    router = APIRouter(include_in_schema=False)
    for channel in dispatcher.channels.values():
        for route in channel.routes:
            router.add_api_route(route.path, _handler(dispatcher, channel, public_url), methods=[route.method])
    app.include_router(router)


def _handler(dispatcher: Dispatcher, channel: Channel[Any], public_url: str) -> Callable[..., Any]:
    async def receive(request: HttpRequest) -> HttpResponse:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        neutral = Request(
            method=request.method,
            url=f"{public_url.rstrip('/')}{path}" if public_url else str(request.url),
            path=request.url.path,
            query=dict(request.query_params),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
        )
        answer = await dispatcher.receive(channel, neutral)
        return HttpResponse(answer.body, answer.status, media_type=answer.media_type)

    return receive
