"""The rules and campaigns in force: read again when a file changed; a file that cannot be used changes nothing."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from actions.reminders.campaign_message import CAMPAIGN_VALUES
from actions.reminders.campaign_reading import InvalidCampaign, read_campaigns
from actions.reminders.campaigns import Campaign
from actions.reminders.model import Language
from actions.reminders.rule_reading import InvalidRules
from actions.reminders.rules import RuleBook
from actions.reminders.telling import NamedSource, Telling
from actions.reminders.voices import Voices
from channels.simulations import Desk

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent.parent / "actions/reminders"
Stamp = frozenset[tuple[str, int, int]]
Stopped = Callable[[], Awaitable[frozenset[str]]]


class RuleShelf:
    """`desk`: the figures in force. `stopped`: the campaigns that somebody stopped."""

    def __init__(self, desk: Callable[[], Desk], stopped: Stopped, rules: Path, campaigns: Path) -> None:
        self._desk, self._stopped = desk, stopped
        self._rules, self._campaigns = rules, campaigns
        self._held: tuple[Desk, Stamp, RuleBook, tuple[Campaign, ...]] | None = None

    async def voices(self) -> Voices:
        """What reminders say now; raises InvalidRules or InvalidCampaign where the folders never were good."""
        _, _, book, campaigns = self._current()
        return Voices(book, campaigns, await self._stopped())

    def _current(self) -> tuple[Desk, Stamp, RuleBook, tuple[Campaign, ...]]:
        desk, stamp = self._desk(), _stamp(self._rules, self._campaigns)
        if self._held is not None and self._held[0] is desk and self._held[1] == stamp:
            return self._held
        try:
            book = RuleBook.load(self._rules, telling_of(desk))
            self._held = desk, stamp, book, read_campaigns(self._campaigns, CAMPAIGN_VALUES)
        except (InvalidRules, InvalidCampaign) as error:
            if self._held is None:
                raise
            log.error("the reminders' rules have a problem, so the last good ones stay in force: %s", error)
            self._held = desk, stamp, *self._held[2:]
        return self._held


def telling_of(desk: Desk) -> Telling:
    """Figures, places and sources of the knowledge folder, as texts of reminders tell them."""

    def source_of(source: str, language: Language) -> NamedSource:
        known = desk.sources.get(source)
        return NamedSource(known.title.in_language(language), known.url) if known else NamedSource(source, None)

    return Telling(desk.parameters, desk.regions.name, source_of)


def _stamp(*folders: Path) -> Stamp:
    states = ((path, path.stat()) for folder in folders for path in folder.glob("*.yml"))
    return frozenset((str(path), state.st_mtime_ns, state.st_size) for path, state in states)
