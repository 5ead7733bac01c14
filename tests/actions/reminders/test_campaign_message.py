"""What a worker reads of a campaign: their own figures, equal to the parameters, and nothing left to fill in."""

from datetime import date
from pathlib import Path

import pytest

from actions.parameters import Parameters, Unit
from actions.reminders.campaign_message import CAMPAIGN_VALUES, campaign_message
from actions.reminders.campaign_reading import read_campaigns
from actions.reminders.campaigns import Campaign
from actions.reminders.estimates import own_payment
from actions.reminders.model import CannotSay, Language
from actions.reminders.telling import Telling
from actions.reminders.values import Situation
from actions.simulator.spelling import in_words

PROJECT = Path(__file__).resolve().parents[3]
ON = date(2027, 3, 1)
FACTS = {"scheme": "flexible", "rhythm": "monthly", "base": "lowest", "last_paid": "2026-05"}
PLACES = {"CN-ZJ": ("浙江", "Zhejiang"), "CN-BJ": ("北京", "Beijing"), "CN-SC": ("四川", "Sichuan")}
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SMS_PARTS = 2  # segments of 67 characters


@pytest.fixture(scope="module")
def telling() -> Telling:
    names = {code: dict(zip(LANGUAGES, words, strict=True)) for code, words in PLACES.items()}
    parameters = Parameters.load(PROJECT / "knowledge/parameters")
    return Telling(parameters, lambda region, language: names[region][language])


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return read_campaigns(PROJECT / "actions/reminders/campaigns", CAMPAIGN_VALUES)[0]


def situation(telling: Telling, language: Language, **facts: str) -> Situation:
    return Situation(FACTS | facts, ON, None, language, telling)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("treatment", ["plain", "amount"])
def test_every_treatment_is_told_in_every_place_and_language(
    treatment: str, language: Language, place: str, telling: Telling, campaign: Campaign
) -> None:
    about = situation(telling, language, region=place)
    assert campaign.fits(about.facts)
    message = campaign_message(campaign, treatment, about, "web")
    assert not {"{", "}"} & set(message.text + message.brief)
    assert campaign_message(campaign, treatment, about, "sms").text.startswith(message.brief)
    assert message.next_steps[0].payload.startswith("/simulate")
    if treatment == "amount":
        amount = own_payment(about.facts, telling.parameters, ON).value
        assert in_words(amount, Unit.YUAN_PER_MONTH, language) in message.text
        assert PLACES[place][LANGUAGES.index(language)] in message.text
        assert message.sources


@pytest.mark.parametrize("treatment", ["plain", "amount"])
def test_the_short_text_takes_at_most_two_sms_in_chinese(treatment: str, telling: Telling, campaign: Campaign) -> None:
    brief = campaign_message(campaign, treatment, situation(telling, "zh", region="CN-ZJ"), "sms").text
    assert len(brief) <= SMS_PARTS * 67


def test_a_value_that_cannot_be_had_is_left_unsaid(telling: Telling, campaign: Campaign) -> None:
    with pytest.raises(CannotSay):
        campaign_message(campaign, "amount", Situation({}, ON, None, "zh", telling), "web")


def test_a_treatment_that_is_gone_is_left_unsaid(telling: Telling, campaign: Campaign) -> None:
    with pytest.raises(CannotSay, match="treatment"):
        campaign_message(campaign, "song", situation(telling, "zh", region="CN-ZJ"), "web")
