"""The report of a campaign: who counts, what is found, what is hidden, and how it is told."""

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from actions.reminders.campaign_message import CAMPAIGN_VALUES
from actions.reminders.campaign_reading import read_campaigns
from actions.reminders.campaign_report import Arm, Observation, Report, effects_of, report
from actions.reminders.campaign_wording import CampaignWords, complete, read_texts
from actions.reminders.campaigns import Campaign
from actions.reminders.facts import FORMS
from actions.reminders.model import Language, Reason
from actions.reminders.small_groups import OTHERS

CONTROL, PLAIN = "control", "plain"
TEXTS = read_texts()
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CAMPAIGNS = Path(__file__).resolve().parents[3] / "actions/reminders/campaigns"


def workers(
    treatment: str, count: int, paid: int, *, stop: int = 0, complaints: int = 0, sent: int | None = None,
    occupation: str | None = "rider", gender: str | None = "woman",
) -> Iterator[Observation]:  # fmt: skip
    """So many workers of an arm; the first `paid` of them paid, the first `stop` said stop, and so on."""
    reached = count if sent is None else sent
    for place in range(count):
        flags = (place < paid, place < stop, place < complaints, treatment != CONTROL and place < reached)
        yield Observation(treatment, *flags, occupation, gender)


def found_of(*arms: Iterator[Observation]) -> Report:
    return report(row for arm in arms for row in arm)


def campaign() -> Campaign:
    return read_campaigns(CAMPAIGNS, CAMPAIGN_VALUES)[0]


def told(found: Report, language: Language, on: date | None = None) -> str:
    return CampaignWords(TEXTS, language).report(campaign(), found, on or complete(campaign()))


def test_everybody_who_was_drawn_counts_sent_or_not() -> None:
    everybody = found_of(workers(CONTROL, 1000, 100), workers(PLAIN, 1000, 150))
    half = found_of(workers(CONTROL, 1000, 100), workers(PLAIN, 1000, 150, sent=500))
    assert half.effects[0].sent == 500
    assert half.effects[0].paid == everybody.effects[0].paid
    assert half.effects[0].paid.difference == pytest.approx(0.05)


def test_a_clear_effect_is_found_with_its_sizes() -> None:
    effect = found_of(workers(CONTROL, 1000, 100), workers(PLAIN, 1000, 150)).effects[0]
    assert effect.found
    assert effect.paid.low > 0
    assert effect.relative == pytest.approx(0.5)


def test_an_effect_the_wrong_way_is_found_too() -> None:
    effect = found_of(workers(CONTROL, 1000, 150), workers(PLAIN, 1000, 100)).effects[0]
    assert effect.found
    assert effect.paid.high < 0


def test_no_effect_is_not_found() -> None:
    assert not found_of(workers(CONTROL, 1000, 100), workers(PLAIN, 1000, 104)).effects[0].found


def test_what_looks_good_among_many_is_not_found_after_the_correction() -> None:
    alone = effects_of({CONTROL: Arm(1000, 100), "a": Arm(1000, 130)})
    among = effects_of({CONTROL: Arm(1000, 100), **{name: Arm(1000, 130 if name == "a" else 100) for name in "abcde"}})
    assert alone[0].found
    assert not among[0].found
    assert among[0].corrected == pytest.approx(5 * alone[0].chance)


def test_there_is_no_relative_size_where_nobody_in_control_paid() -> None:
    assert found_of(workers(CONTROL, 50, 0), workers(PLAIN, 50, 10)).effects[0].relative is None


def test_stops_and_complaints_stand_beside_control() -> None:
    found = found_of(workers(CONTROL, 1000, 100, stop=10), workers(PLAIN, 1000, 150, stop=40, complaints=12))
    effect = found.effects[0]
    assert (effect.opted_out.treated, effect.opted_out.control) == (0.04, 0.01)
    assert effect.complained.low > 0
    assert "Weigh that even where more paid" in told(found, "en")


@pytest.mark.parametrize(("control", "plain"), [(19, 1000), (0, 1000)])
def test_without_enough_control_nothing_is_told(control: int, plain: int) -> None:
    found = found_of(workers(CONTROL, control, 0), workers(PLAIN, plain, 10))
    assert (found.control_workers, found.effects) == (None, ())
    assert all(found.groups[trait] == () for trait in found.groups)


def test_a_small_treatment_is_named_and_not_told() -> None:
    found = found_of(workers(CONTROL, 100, 10), workers(PLAIN, 100, 10), workers("amount", 19, 7))
    assert [effect.treatment for effect in found.effects] == [PLAIN]
    assert found.hidden == ("amount",)


def test_no_rows_make_an_empty_report() -> None:
    assert report([]).effects == ()
    assert told(report([]), "en")


def numbers_in(thing: object) -> set[float]:
    if isinstance(thing, dict):
        return set().union(set(), *(numbers_in(inner) for inner in thing.values()))
    if isinstance(thing, list | tuple):
        return set().union(set(), *(numbers_in(inner) for inner in thing))
    return {float(thing)} if isinstance(thing, int | float) and not isinstance(thing, bool) else set()


def test_a_small_group_is_nowhere_in_the_report_and_neither_is_what_gives_it_away() -> None:
    rows = [
        *workers(CONTROL, 300, 30), *workers(PLAIN, 301, 40),
        *workers(CONTROL, 71, 9, occupation="driver"), *workers(PLAIN, 73, 11, occupation="driver"),
        *workers(CONTROL, 7, 3, occupation="vendor"), *workers(PLAIN, 9, 5, occupation="vendor"),
    ]  # fmt: skip
    found = report(rows)
    groups = {one.group: one for one in found.groups["occupation"]}
    assert set(groups) == {"rider", OTHERS}
    assert (groups[OTHERS].control_workers, groups[OTHERS].workers) == (78, 82)
    assert numbers_in(asdict(found)).isdisjoint({7, 9, 71, 73, 3 / 7, 5 / 9, 9 / 71, 11 / 73})


def test_the_groups_of_a_trait_are_left_out_where_two_would_give_the_total() -> None:
    rows = [*workers(CONTROL, 300, 30), *workers(PLAIN, 300, 40)]
    rows += [*workers(CONTROL, 5, 1, gender="man"), *workers(PLAIN, 5, 2, gender="man")]
    assert report(rows).groups["gender"] == ()


def test_what_is_not_known_is_a_group_of_its_own() -> None:
    rows = [*workers(CONTROL, 300, 30), *workers(PLAIN, 300, 40)]
    rows += [*workers(CONTROL, 50, 5, gender=None), *workers(PLAIN, 50, 5, gender=None)]
    assert [one.group for one in report(rows).groups["gender"]] == ["woman", "unknown"]


def test_the_limit_of_a_cell_can_be_set() -> None:
    rows = [*workers(CONTROL, 40, 4), *workers(PLAIN, 40, 5)]
    assert report(rows, fewest=50).effects == ()
    assert len(report(rows, fewest=40).effects) == 1


def test_a_draw_that_lost_rows_is_told() -> None:
    halves = {CONTROL: 0.5, PLAIN: 0.5}
    rows = [*workers(CONTROL, 1000, 100), *workers(PLAIN, 800, 100)]
    assert report(rows, shares=halves).uneven == (CONTROL, PLAIN)
    assert "lost or doubled" in told(report(rows, shares=halves), "en")
    assert report([*workers(CONTROL, 1000, 100), *workers(PLAIN, 960, 96)], shares=halves).uneven == ()


def test_rows_may_be_an_iterator_and_their_order_does_not_matter() -> None:
    rows = [*workers(CONTROL, 300, 30), *workers(PLAIN, 300, 40), *workers(PLAIN, 40, 4, occupation="driver")]
    assert report(iter(rows)) == report(reversed(rows))


QUIET = found_of(workers(CONTROL, 4000, 400), workers(PLAIN, 4000, 410))
UNSURE = found_of(workers(CONTROL, 300, 30), workers(PLAIN, 300, 33))
BETTER = found_of(workers(CONTROL, 1000, 100), workers(PLAIN, 1000, 150))
WORSE = found_of(workers(CONTROL, 1000, 150), workers(PLAIN, 1000, 100))


@pytest.mark.parametrize(
    ("found", "language", "says"),
    [
        (BETTER, "zh", ["有效果：交费的人变多了", "大约多 50 人交费", "是对照组的 150.0%", "+5.0 个百分点"]),
        (BETTER, "en", ["An effect was found: more workers paid", "about 50 more paid", "150.0% of what control paid"]),
        (WORSE, "zh", ["但是反的", "大约少 50 人交费", "别再这样发"]),
        (WORSE, "en", ["the wrong way", "about 50 fewer paid", "Do not send it like this again"]),
        (QUIET, "zh", ["没看出效果。这也是结果", "基本可以排除"]),
        (QUIET, "en", ["No effect was found. A quiet result is a result", "can be ruled out"]),
        (UNSURE, "zh", ["没看出效果。这也是结果", "还不能排除，人数不够"]),
        (UNSURE, "en", ["A quiet result is a result", "cannot be ruled out: there were too few workers"]),
    ],
)
def test_the_result_is_told_in_plain_words(found: Report, language: Language, says: list[str]) -> None:
    text = told(found, language)
    for words in says:
        assert words in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_last_payment_can_count_there_are_figures_and_no_verdict(language: Language) -> None:
    verdicts = {TEXTS[name].in_language(language)[:8] for name in ("found_more", "found_fewer", "quiet")}
    early = told(BETTER, language, campaign().ends_on)
    assert "+5.0" in early
    assert str(complete(campaign())) in early
    assert not any(verdict in early for verdict in verdicts)


def test_a_report_is_complete_when_every_payment_had_its_time() -> None:
    assert complete(campaign()) == date(2027, 4, 5)  # sent until 5 March, 30 days to pay


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_report_is_filled_in(language: Language) -> None:
    for found in (BETTER, WORSE, QUIET, UNSURE, report([]), replace(BETTER, hidden=("amount",), uneven=(PLAIN,))):
        assert not re.search(r"[{}]", told(found, language))


def test_both_languages_of_a_text_fill_in_the_same() -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert {key for key, text in TEXTS.items() if names(text.zh) != names(text.en)} == set()


def test_every_group_and_every_reason_has_words() -> None:
    groups = {*FORMS["occupation"].accepted.split(", "), *FORMS["gender"].accepted.split(", "), "unknown", OTHERS}
    assert {f"group_{group}" for group in groups} <= set(TEXTS)
    assert {f"reason_{reason}" for reason in Reason} <= set(TEXTS)


def test_no_text_has_a_dash() -> None:
    assert [key for key, text in TEXTS.items() if "—" in text.zh + text.en] == []
