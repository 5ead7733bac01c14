"""What one worker reads of a campaign: the text of their treatment, filled with their own figures."""

from actions.reminders.campaigns import Campaign
from actions.reminders.model import CannotSay, Message, NextStep
from actions.reminders.values import VALUES, Situation
from actions.reminders.wording import filled, with_its_end

# A campaign has no payment that falls due, which these are told of.
OF_A_PAYMENT = frozenset({"amount", "deadline", "period"})
CAMPAIGN_VALUES = frozenset(VALUES) - OF_A_PAYMENT


def campaign_message(campaign: Campaign, treatment: str, about: Situation, channel: str) -> Message:
    """The message of a treatment on a channel; raises CannotSay where a value or the treatment is not there."""
    said = campaign.treatments.get(treatment)
    if said is None:
        raise CannotSay("treatment")
    main, brief = (filled(text.in_language(about.language), about) for text in (said.text, said.brief))
    button = NextStep(said.next_step.title.in_language(about.language), said.next_step.payload)
    sources = about.telling.sources(dict.fromkeys(main.figures + brief.figures), about.language)
    text = with_its_end(brief if channel == "sms" else main, about, channel)
    return Message(text, brief.text, about.language, (button,), sources)
