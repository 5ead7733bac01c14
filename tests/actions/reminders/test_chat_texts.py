"""`knowledge/reminders.yml`: read strictly, said in full, written in each language for its readers."""

import ast
import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.reminders.chat_texts import ChatTexts, InvalidTexts, read_chat_texts
from actions.reminders.chat_words import ChatWords
from actions.reminders.hearing import Trouble, TroubleKind
from actions.reminders.model import About, Language, Reminder, Rhythm
from tests.folders import PROJECT

FILE = PROJECT / "knowledge/reminders.yml"
TEXTS = read_chat_texts(PROJECT / "knowledge")
WORDS = ChatWords(TEXTS)
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SAYING = ("remind", "reminder_conduct", "reminder_desk", "reminder_form", "stop_reminders", "show_my_data")
CHINESE = re.compile(r"[\u3400-\u9fff]")
PAY = Reminder("c-1", About.PAY, Rhythm.MONTHLY, date(2026, 12, 10), 10, time(9, 30))


def every_text(held: Any, where: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every pair of texts and where it stands."""
    if isinstance(held, dict) and {"zh", "en"} <= held.keys():
        yield where, held
    elif isinstance(held, dict):
        for key, inner in held.items():
            yield from every_text(inner, f"{where}.{key}")
    elif isinstance(held, list):
        for place, inner in enumerate(held):
            yield from every_text(inner, f"{where}.{place}")


PAIRS = list(every_text(yaml.safe_load(FILE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("where", "both"), PAIRS, ids=[where for where, _ in PAIRS])
def test_a_text_is_in_its_language_and_has_no_dash(where: str, both: dict[str, str]) -> None:
    assert not CHINESE.search(both["en"])
    assert CHINESE.search(re.sub(r"\{\w+\}|Telegram", "字", both["zh"]))
    assert not re.search("[—–]|必须|否则|后果", both["zh"] + both["en"])


def test_every_phrase_that_is_written_is_said() -> None:
    written: set[str] = set()
    for path in (
        *(PROJECT / f"actions/custom/{name}.py" for name in SAYING),
        PROJECT / "actions/reminders/chat_words.py",
    ):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        written |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    ways = {f"button_{way}" for way in ("move", "pause", "resume", "skip")}
    assert set(TEXTS.phrases) - written - ways == set()


PLANS = [
    (
        PAY,
        "每个月10号上午9:30提醒你交社保",
        "I remind you to pay your social insurance on the 10th of every month at 9:30 am",
    ),
    (
        Reminder("c", About.CHECK, Rhythm.QUARTERLY, date(2026, 12, 31), 31, time(12)),
        "每三个月一次，最后一天中午12:00提醒你查查社保交上没有",
        "I remind you to check that your payments are on the record every three months, on the last day at 12:00 pm",
    ),
    (
        Reminder("c", About.BASE, Rhythm.YEARLY, date(2027, 3, 1), 1, time(0, 5)),
        "每年3月1号凌晨0:05提醒你改缴费基数",
        "I remind you to change your contribution base every year in March, on the 1st, at 12:05 am",
    ),
    (
        Reminder("c", About.RESIDENT, Rhythm.ONCE, date(2026, 12, 22), 22, time(19)),
        "2026年12月22日（周二）晚上7:00提醒你交城乡居民养老",
        "I remind you to pay the resident pension on Tuesday 22 December 2026 at 7:00 pm",
    ),
]


@pytest.mark.parametrize(("reminder", "zh", "en"), PLANS)
def test_a_plan_says_what_day_and_time(reminder: Reminder, zh: str, en: str) -> None:
    assert WORDS.plan(reminder, "zh") == zh
    assert WORDS.plan(reminder, "en") == en


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("rhythm", Rhythm)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plan_is_filled(about: About, rhythm: Rhythm, language: Language) -> None:
    for day in range(1, 32):
        plan = WORDS.plan(Reminder("c", about, rhythm, date(2026, 12, day), day, time(day % 24)), language)
        assert "{" not in plan


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trouble_says_what_is_accepted(language: Language) -> None:
    for kind in TroubleKind:
        limit: Any = date(2026, 11, 23) if kind is TroubleKind.OVER else 1
        assert "{" not in WORDS.trouble(Trouble(kind, limit, 31), language)


ORDINALS = [
    (1, "1st"),
    (2, "2nd"),
    (3, "3rd"),
    (4, "4th"),
    (11, "11th"),
    (12, "12th"),
    (13, "13th"),
    (21, "21st"),
    (31, "31st"),
]


@pytest.mark.parametrize(("day", "written"), ORDINALS)
def test_a_day_of_the_month_in_english(day: int, written: str) -> None:
    assert WORDS.ordinal(day, "en") == written


def broken(change: Any) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(raw)
    return raw


BROKEN = [
    (lambda raw: raw["questions"].pop("day"), "questions"),
    (lambda raw: raw["questions"]["day"]["buttons"].append({"is": "day=40", "zh": "四", "en": "f"}), "day=40"),
    (lambda raw: raw["troubles"].pop("over"), "over"),
    (lambda raw: raw["plans"].update(weekly={"zh": "周", "en": "w"}), "weekly"),
    (lambda raw: raw["phrases"]["made_once"].update(en="Noted."), "placeholders"),
    (lambda raw: raw["names"]["months"].pop(), "months"),
    (lambda raw: raw.update(colour=1), "colour"),
    (lambda raw: raw.pop("wording"), "wording"),
    (lambda raw: raw["abouts"]["pay"].pop("en"), "abouts.pay.en"),
]


@pytest.mark.parametrize(("change", "named"), BROKEN)
def test_a_mistake_in_the_file_is_named(change: Any, named: str, tmp_path: Path) -> None:
    (tmp_path / "reminders.yml").write_text(yaml.safe_dump(broken(change), allow_unicode=True), encoding="utf-8")
    with pytest.raises(InvalidTexts, match=re.escape(named)):
        read_chat_texts(tmp_path)


def test_the_version_of_the_consent_is_short_enough_to_be_kept() -> None:
    assert isinstance(TEXTS, ChatTexts)
    assert 0 < len(TEXTS.wording) <= 40
