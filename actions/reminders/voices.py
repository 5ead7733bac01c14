"""Everything that reminders say, by its origin: the rules, what workers asked for, and the campaigns."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from actions.parameters import Parameters
from actions.reminders.campaign_message import campaign_message
from actions.reminders.campaign_runs import ORIGIN, campaign_of
from actions.reminders.campaigns import Campaign
from actions.reminders.model import About, CannotSay, Due, Facts, Language, Message, Reason
from actions.reminders.rules import RuleBook, UnknownOrigin
from actions.reminders.telling import shared_words
from actions.reminders.values import Situation


class Voices:
    """The rule book and the campaigns as they are in the folder at one moment. `stopped`: campaigns that are."""

    def __init__(self, book: RuleBook, campaigns: Iterable[Campaign], stopped: Collection[str] = ()) -> None:
        self.book = book
        self.campaigns: Mapping[str, Campaign] = {one.id: one for one in campaigns}
        self.stopped = frozenset(stopped)

    @property
    def parameters(self) -> Parameters:
        """The figures that are told."""
        return self.book.telling.parameters

    def due(self, facts: Facts, first: date, last: date, asked: Collection[About] = ()) -> list[Due]:
        """What the rules find for one worker; what they asked to be reminded of themselves is left to that."""
        found = self.book.due(facts, first, last, self.parameters)
        return [one for one in found if self.book.instead.get(one.origin) not in asked] if asked else found

    def still_true(self, origin: str, occasion: str, facts: Facts, on: date) -> Reason | None:
        """Why it is not to be said any more; None where it is."""
        if not origin.startswith(ORIGIN):
            return self.book.still_true(origin, occasion, facts, on)
        campaign = self.campaigns.get(campaign_of(origin))
        if campaign is None or campaign.id in self.stopped:
            return Reason.CAMPAIGN_STOPPED
        return None if campaign.fits(facts) else Reason.NOT_TRUE

    def message(
        self, origin: str, occasion: str, facts: Facts, on: date, language: Language, channel: str
    ) -> Message:  # fmt: skip
        """What the worker reads; raises CannotSay."""
        if not origin.startswith(ORIGIN):
            return self.book.message(origin, occasion, facts, on, language, channel)
        campaign = self.campaigns.get(campaign_of(origin))
        if campaign is None:
            raise CannotSay("campaign")
        about = Situation(facts, on, None, language, self.book.telling)
        return campaign_message(campaign, origin.rpartition("/")[2], about, channel)

    def why(self, origin: str, facts: Facts, language: Language) -> str:
        """Why the worker was sent this, and how to stop it."""
        words = shared_words()
        if origin.startswith(ORIGIN):
            return words.why_campaign.in_language(language)
        try:
            return self.book.why(origin, facts, language)
        except UnknownOrigin:
            return words.why_gone.in_language(language)
