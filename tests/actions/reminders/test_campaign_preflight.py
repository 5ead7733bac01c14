"""The check before a campaign starts: who is reached, what it costs, and whether it can show anything."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from actions.reminders.campaign_message import CAMPAIGN_VALUES
from actions.reminders.campaign_preflight import Counts, Load, preflight
from actions.reminders.campaign_reading import read_campaigns
from actions.reminders.campaign_wording import CampaignWords, read_texts
from actions.reminders.campaigns import Campaign
from actions.reminders.model import Language, Reason

ON = date(2027, 2, 20)
PRICE = {"sms": Decimal("0.05")}
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CAMPAIGNS = Path(__file__).resolve().parents[3] / "actions/reminders/campaigns"
SMALL = Counts(
    audience=3000,
    arms={"plain": 990, "amount": 990, "control": 1020},
    suppressed={Reason.QUIET: 30, Reason.CAP: 50, Reason.STOPPED: 10, Reason.NO_CHANNEL: 90},
    loads={"sms": Load(400, 700), "telegram": Load(1400)},
    baseline=0.1,
)
LARGE = replace(SMALL, audience=30000, arms={"plain": 9900, "amount": 9900, "control": 10200})


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return read_campaigns(CAMPAIGNS, CAMPAIGN_VALUES)[0]


def told(campaign: Campaign, counts: Counts, language: Language, prices: dict[str, Decimal] = PRICE) -> str:
    return CampaignWords(read_texts(), language).preflight(preflight(campaign, counts, ON, prices))


def test_it_reaches_the_treated_less_those_who_are_not_sent_to(campaign: Campaign) -> None:
    assert preflight(campaign, SMALL, ON, PRICE).reaches == 990 + 990 - 180


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_told_with_its_number(campaign: Campaign, language: Language) -> None:
    texts, said = read_texts(), told(campaign, SMALL, language)
    for reason, workers in SMALL.suppressed.items():
        line = next(line for line in said.splitlines() if texts[f"reason_{reason}"].in_language(language) in line)
        assert str(workers) in line


def test_the_cost_is_that_of_the_segments(campaign: Campaign) -> None:
    checked = preflight(campaign, SMALL, ON, PRICE)
    assert (checked.cost, checked.unpriced) == (Decimal("35.00"), ())
    assert "Cost: about 35.00 yuan" in told(campaign, SMALL, "en")


def test_a_price_that_is_not_set_is_not_made_up(campaign: Campaign) -> None:
    checked = preflight(campaign, SMALL, ON, {})
    assert (checked.cost, checked.unpriced) == (Decimal(0), ("sms",))
    assert "The price of a segment on sms is not set" in told(campaign, SMALL, "en", {})
    assert "花多少不知道" in told(campaign, SMALL, "zh", {})


def test_an_audience_that_is_too_small_is_told_before_the_start(campaign: Campaign) -> None:
    checked = preflight(campaign, SMALL, ON, PRICE)
    assert checked.big_enough is False
    assert checked.smallest_found is not None
    assert checked.smallest_found > 0.03
    assert "The audience is too small: 6,412 workers are needed" in told(campaign, SMALL, "en")
    assert "人太少：要有 80% 的把握看出来，至少要 6,412 人" in told(campaign, SMALL, "zh")


def test_an_audience_that_is_large_enough_is_told_too(campaign: Campaign) -> None:
    checked = preflight(campaign, LARGE, ON, PRICE)
    assert checked.big_enough is True
    assert checked.power is not None
    assert min(checked.power.values()) > 0.8
    assert "人数够了" in told(campaign, LARGE, "zh")


def test_a_handful_of_workers_cannot_show_any_effect(campaign: Campaign) -> None:
    handful = Counts(9, {"plain": 3, "amount": 3, "control": 3}, baseline=0.5)
    assert "no effect could be told from chance" in told(campaign, handful, "en")


def test_an_unknown_baseline_is_reckoned_where_an_effect_is_hardest_to_see(campaign: Campaign) -> None:
    unknown = preflight(campaign, replace(SMALL, baseline=None), ON, PRICE)
    known = [preflight(campaign, replace(SMALL, baseline=b), ON, PRICE).needed for b in (0.1, 0.3, 0.7)]
    assert unknown.needed is not None
    assert all(sizes is not None and sizes["plain"] <= unknown.needed["plain"] for sizes in known)
    assert "nobody knows how many pay" in told(campaign, replace(SMALL, baseline=None), "en")


def test_a_draft_is_told_what_is_missing_and_its_fingerprint(campaign: Campaign) -> None:
    said = told(campaign, SMALL, "en")
    assert "it is a draft" in said
    assert "approver is missing" in said
    assert campaign.fingerprint in said


def test_an_approved_campaign_may_run_from_its_first_day(campaign: Campaign) -> None:
    approved = campaign.model_copy(update={"approver": "Ethics desk", "approved_on": ON})
    assert "it may run from 2027-03-01 to 2027-03-05" in told(approved, SMALL, "en")


def test_who_is_not_reached_waters_the_effect_down(campaign: Campaign) -> None:
    half = replace(SMALL, suppressed={Reason.NO_CHANNEL: 990})
    assert "3 points over all means 6.0 among those reached" in told(campaign, half, "en")
    assert "among those reached" not in told(campaign, replace(SMALL, suppressed={}), "en")


def test_a_campaign_that_does_not_say_what_is_worth_finding_gets_no_power(campaign: Campaign) -> None:
    checked = preflight(campaign.model_copy(update={"smallest_effect": None}), SMALL, ON, PRICE)
    assert (checked.needed, checked.power, checked.big_enough) == (None, None, None)


def test_an_effect_above_what_is_left_to_gain_gets_no_power(campaign: Campaign) -> None:
    assert preflight(campaign, replace(SMALL, baseline=0.99), ON, PRICE).needed is None


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (replace(SMALL, arms={"plain": 1500, "control": 1500}), "the campaign's own"),
        (replace(SMALL, audience=2999), "the arms have 3000 workers, the audience 2999"),
        (replace(SMALL, suppressed={Reason.QUIET: 5000}), "more are suppressed than the 1980"),
    ],
)
def test_counts_that_contradict_one_another_are_refused(campaign: Campaign, counts: Counts, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        preflight(campaign, counts, ON, PRICE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_is_filled_in(campaign: Campaign, language: Language) -> None:
    for counts in (SMALL, LARGE, replace(SMALL, baseline=None, suppressed={})):
        for prices in (PRICE, {}):
            assert not {"{", "}"} & set(told(campaign, counts, language, prices))
