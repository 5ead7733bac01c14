"""What a message says: word for word for some workers, and what holds for all messages."""

from datetime import date
from typing import Any

import pytest

from actions.reminders.model import CannotSay, Language
from actions.reminders.spoken import spoken_day, spoken_duration, spoken_month, spoken_period
from actions.reminders.telling import InvalidWords, Words, shared_words
from actions.reminders.values import VALUES, Situation
from tests.actions.reminders.rule_desk import book, facts_of, rows

TEXTS = rows("texts")
ON = date(2026, 12, 7)
WORKER = {
    "scheme": "flexible", "rhythm": "monthly", "pay_day": "10", "base": "lowest", "region": "CN-ZJ",
    "last_paid": "2026-11",
}  # fmt: skip


@pytest.mark.parametrize("row", TEXTS, ids=[row["name"] for row in TEXTS])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_message_of_the_table_reads_so(row: dict[str, Any], language: Language) -> None:
    origin, occasion = row["of"].split()
    message = book().message(origin, occasion, facts_of(row), row["day"], language, "telegram")
    assert (message.text, message.brief) == (row[language], row[f"short_{language}"])


def test_every_rule_has_a_message_in_the_table() -> None:
    told = {row["of"].split()[0].partition(":")[2] for row in TEXTS}
    assert {name for name in book().rules if not name.startswith("asked-")} <= told


def test_a_message_has_one_next_step_or_two_and_cites_its_figures() -> None:
    message = book().message("rule:payment-due", "2026-12/before", WORKER, ON, "zh", "telegram")
    assert [step.payload for step in message.next_steps] == ['/read{"article":"contribution/where-to-pay"}']
    assert "zherenshefa-2025-52" in {source.source for source in message.sources}
    assert all(source.title and source.as_of for source in message.sources)


def test_sms_gets_the_short_text_and_other_apps_the_long_one() -> None:
    by_sms = book().message("rule:payment-due", "2026-12/before", WORKER, ON, "zh", "sms")
    by_app = book().message("rule:payment-due", "2026-12/before", WORKER, ON, "zh", "wechat")
    assert by_sms.text == f"{by_sms.brief} 退订回T"
    assert by_sms.brief == by_app.brief
    assert len(by_app.text) > len(by_app.brief)


def test_an_old_figure_is_told_as_old_and_a_new_one_is_not() -> None:
    beijing = WORKER | {"region": "CN-BJ"}
    old = book().message("rule:payment-due", "2026-12/before", WORKER, ON, "zh", "web").text
    new = book().message("rule:payment-due", "2026-12/before", beijing, ON, "zh", "web").text
    assert old.endswith("（按2025年1月1日起的数算的，新数可能不一样。）")
    assert "新数" not in new


def test_an_occasion_that_the_facts_do_not_give_is_not_said() -> None:
    with pytest.raises(CannotSay) as unsaid:
        book().message("rule:moved-province", "2026-11-03/week", {"moved_on": "2026-11-03"}, ON, "zh", "web")
    assert unsaid.value.missing == "occasion"


def test_a_message_put_off_past_the_day_is_the_newest_step_of_its_cascade() -> None:
    later = date(2026, 12, 15)
    put_off = book().message("rule:payment-due", "2026-12/before~202612150900", WORKER, later, "en", "web")
    after = book().message("rule:payment-due", "2026-12/after", WORKER, later, "en", "web")
    assert put_off.text == after.text
    assert put_off.text.startswith("I have no payment on record for December yet")


@pytest.mark.parametrize(
    ("value", "facts", "missing"),
    [
        ("amount", {"region": "CN-ZJ"}, "base"),
        ("amount", {"base": "lowest"}, "place"),
        ("amount", {"region": "CN-ZJ", "base": "lowest", "scheme": "employee"}, "amount"),
        ("base", {"region": "CN-XZ", "base": "lowest"}, "amount"),
        ("deadline", {}, "deadline"),
        ("period", {}, "period"),
        ("place", {}, "region"),
        ("old_place", {}, "moved_from"),
        ("paid", {}, "months_paid"),
        ("missing", {"birth": "1969-05", "category": "man", "months_paid": "300"}, "missing"),
        ("minimum", {"category": "man"}, "retirement"),
        ("left", {"birth": "1960-05", "category": "man"}, "left"),
        ("gap", {"last_paid": "2026-11"}, "gap"),
        ("lowest_base", {"region": "CN-XZ"}, "contribution.base_lower"),
        ("subsidy_share", {"region": "CN-ZJ"}, "contribution.subsidy.share"),
        ("subsidy_ends", {"region": "CN-BJ"}, "subsidy_ends"),
        ("tier", {"tier": "lowest", "region": "CN-BJ"}, "tier"),
        ("monthly", {"scheme": "resident", "tier": "500", "region": "CN-SC"}, "monthly"),
        ("pension", {"birth": "1990-05", "category": "man", "region": "CN-ZJ", "base": "lowest"}, "months_paid"),
        ("pension", {"birth": "1990-05", "months_paid": "9", "region": "CN-ZJ", "base": "lowest"}, "category"),
        ("subsidy", {"region": "CN-XZ", "base": "lowest"}, "amount"),
    ],
)
def test_a_value_that_cannot_be_had_names_what_is_missing(value: str, facts: dict[str, str], missing: str) -> None:
    with pytest.raises(CannotSay) as unsaid:
        VALUES[value](Situation(facts, ON, None, "zh", book().telling))
    assert unsaid.value.missing == missing


def test_a_pension_that_is_not_reached_is_not_told() -> None:
    facts = {"birth": "1967-03", "category": "man", "months_paid": "12", "region": "CN-ZJ", "base": "lowest"}
    with pytest.raises(CannotSay):
        VALUES["pension"](Situation(facts, ON, None, "zh", book().telling))


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2026, 12, 10), "12月10日", "10 December"),
        (date(2027, 1, 3), "2027年1月3日", "3 January 2027"),
    ],
)
def test_a_day_names_its_year_only_where_it_is_another(day: date, zh: str, en: str) -> None:
    assert (spoken_day(day, ON, "zh"), spoken_day(day, ON, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("since", "until", "zh", "en"),
    [
        (2026 * 12 + 11, 2026 * 12 + 11, "12月", "December"),
        (2026 * 12 + 9, 2026 * 12 + 11, "10月到12月", "October to December"),
        (2025 * 12, 2025 * 12 + 11, "2025年1月到12月", "January to December 2025"),
        (2025 * 12 + 11, 2026 * 12, "2025年12月到1月", "December 2025 to January"),
    ],
)
def test_a_period_names_its_year_once(since: int, until: int, zh: str, en: str) -> None:
    assert (spoken_period(since, until, ON, "zh"), spoken_period(since, until, ON, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("months", "zh", "en"),
    [
        (0, "0个月", "0 months"),
        (1, "1个月", "1 month"),
        (11, "11个月", "11 months"),
        (12, "1年", "1 year"),
        (13, "1年1个月", "1 year 1 month"),
        (186, "15年6个月", "15 years 6 months"),
    ],
)
def test_a_duration_is_told_in_years_and_months(months: int, zh: str, en: str) -> None:
    assert (spoken_duration(months, "zh"), spoken_duration(months, "en")) == (zh, en)


def test_a_month_of_another_year_names_it() -> None:
    assert spoken_month(2027 * 12 + 9, ON, "zh") == "2027年10月"


def test_shared_words_are_strict(tmp_path: Any) -> None:
    path = tmp_path / "words.yml"
    path.write_text("stale: {zh: 旧}\n", encoding="utf-8")
    with pytest.raises(InvalidWords, match=r"stale\.en"):
        Words.load(path)
    assert shared_words().stale.en
