"""Reminders by chat, one action after the other on a real store: a yes first, then what is said and what is kept."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Action
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.answering.library import Library
from actions.custom.ask_reminder import AskReminder
from actions.custom.calculator import Calculator
from actions.custom.desk import Desk
from actions.custom.explain_reminder import ExplainReminder
from actions.custom.list_reminders import ListReminders
from actions.custom.paid import Paid
from actions.custom.remind import Remind
from actions.custom.reminder_conduct import ReminderConduct
from actions.custom.reminder_desk import ReminderDesk
from actions.custom.show_my_data import ShowMyData
from actions.custom.snooze import Snooze
from actions.custom.stop_reminders import StopReminders
from actions.custom.validate_reminder_form import ValidateReminderForm
from actions.database import ContactRow, Sessions
from actions.parameters import Parameters
from actions.reminder_rows import DeliveryRow
from actions.reminders.care import CareSettings
from actions.reminders.deliveries import Deliveries
from actions.reminders.delivery_rows import Planned
from actions.reminders.draft import Draft
from actions.reminders.heard_wishes import Wish
from actions.reminders.model import About, Facts, Language, Reminder, ReminderState, Rhythm
from actions.reminders.store import Reminders
from actions.workers import Workers
from tests.actions.custom.desk_world import NOW, WHO, Told, desk, named, take, tracker
from tests.folders import PROJECT

AT = NOW.astimezone(UTC)
PAY = Reminder(WHO, About.PAY, Rhythm.MONTHLY, date(2026, 12, 10), 10, time(9, 30))
Chat = Callable[..., Any]


def why(origin: str, facts: Facts, language: Language) -> str:
    """Stands for the voices of rules and campaigns."""
    return f"{language}: {origin}, {dict(facts)}"


@pytest.fixture
def store(engine: AsyncEngine) -> Reminders:
    return Reminders(engine)


@pytest.fixture
def conduct(at: Desk, store: Reminders) -> ReminderConduct:
    return ReminderConduct(ReminderDesk(at, store, PROJECT / "knowledge", why, CareSettings.load()))


class Talk:
    """A conversation with the form as Rasa leads it: validate, then ask on, or the last action."""

    def __init__(self, conduct: ReminderConduct, language: Language = "zh") -> None:
        self.conduct, self.language = conduct, language
        self.slots: dict[str, Any] = {}
        self.told: list[Told] = []

    @property
    def text(self) -> str:
        """All that was said in the last turn."""
        return "\n".join(m["text"] for told in self.told for m in told.messages if m["text"])

    @property
    def payloads(self) -> list[str]:
        """The buttons of the last turn."""
        return [payload for told in self.told for payload in told.payloads]

    @property
    def draft(self) -> Draft | None:
        """What the slot holds."""
        return Draft.restored(self.slots.get("reminder_draft"))

    async def act(
        self, action: Callable[[ReminderConduct], Action], text: str = "", intent: str = "", **more: Any
    ) -> Told:
        """One action of its own."""
        turn = tracker(text, intent, language=self.language, **{**self.slots, **more})
        told = await take(lambda _: action(self.conduct), self.conduct.desk.desk, turn)
        self.slots |= told.slots
        self.told.append(told)
        return told

    async def say(self, text: str, intent: str = "remind", entities: list[dict[str, Any]] | None = None) -> bool:
        """One message into the form; whether the form took it."""
        self.told = []
        found = entities or ([] if text.startswith("/") else named("statement", text))
        validated = await self.act(ValidateReminderForm, text, intent, entities=found)
        if not validated.events:
            return False
        if self.slots.get("reminder_done"):
            await self.act(Remind, text, intent, entities=found, requested_slot=None)
            self.slots["requested_slot"] = None
        else:
            await self.act(AskReminder, text, intent, entities=found)
            self.slots["requested_slot"] = "reminder_done"
        return True

    async def tap(self, choice: str) -> bool:
        """One button of the form."""
        return await self.say(f'/remind{{"choice":"{choice}"}}', "remind", named("choice", choice))


@pytest.fixture
def talk(conduct: ReminderConduct) -> Talk:
    return Talk(conduct)


@pytest.fixture
async def agreed(store: Reminders) -> None:
    await store.agree(WHO, "zh", "chat", "2026-11", AT)


async def kept(store: Reminders) -> tuple[Reminder, ...]:
    return await store.of(WHO)


async def sent(engine: AsyncEngine, origin: str = "asked:pay") -> None:
    """Something was sent an hour ago."""
    due = AT - timedelta(hours=1)
    await Deliveries(engine).plan([Planned(WHO, origin, "2026-11-23", due, due + timedelta(hours=9), 90)], due)
    async with Sessions(engine).begin() as session:
        await session.execute(update(DeliveryRow).values(state="sent", done_at=due))


# A yes first


async def test_nothing_is_kept_without_a_yes(talk: Talk, store: Reminders) -> None:
    await talk.say("每月10号提醒我交社保")
    assert "你同意吗" in talk.text
    assert talk.payloads == [f'/remind{{"choice":"consent={answer}"}}' for answer in ("yes", "all", "no")]
    assert await store.subscription(WHO) is None
    assert await kept(store) == ()


@pytest.mark.parametrize(("said", "intent"), [("不用", "deny"), ("不用了谢谢", "nlu_fallback"), ("算了", "cancel")])
async def test_a_no_keeps_nothing(talk: Talk, store: Reminders, said: str, intent: str) -> None:
    await talk.say("每月10号提醒我交社保")
    await talk.say(said, intent)
    assert "什么都没存" in talk.text
    assert await store.subscription(WHO) is None
    assert talk.draft is None


async def test_a_yes_is_kept_with_its_wording_and_the_reminder_with_it(talk: Talk, store: Reminders) -> None:
    await talk.say("每月10号提醒我交社保")
    await talk.say("同意", "affirm")
    assert "记下了：每个月10号上午9:30提醒你交社保。下一次是2026年12月10日（周四）" in talk.text
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert subscription.agreed
    assert [replace(one, id=0) for one in await kept(store)] == [PAY]
    assert talk.slots["reminder_draft"] is None
    assert talk.slots["reminder_done"] is None


@pytest.mark.parametrize(
    ("said", "nudges"), [("同意", "no"), ("好的", "no"), ("别的也提醒", "yes"), ("同意，别的也提醒", "yes")]
)
async def test_a_yes_to_one_reminder_is_no_yes_to_others(
    talk: Talk, store: Reminders, said: str, nudges: str
) -> None:  # fmt: skip
    await talk.say("每月10号提醒我交社保")
    await talk.say(said, "affirm" if said == "同意" else "nlu_fallback")
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert subscription.facts["nudges"] == nudges


async def test_a_button_of_consent_without_a_draft_keeps_nothing(talk: Talk, store: Reminders) -> None:
    await talk.tap("consent=yes")
    assert "提醒你什么事" in talk.text
    assert await store.subscription(WHO) is None


async def test_who_has_agreed_is_not_asked_again(talk: Talk, store: Reminders, agreed: None) -> None:
    await talk.say("每月10号提醒我交社保")
    assert "记下了" in talk.text
    assert len(await kept(store)) == 1


async def test_who_has_stopped_is_asked_again(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.stop_all(WHO, AT)
    await talk.say("每月10号提醒我交社保")
    assert "你同意吗" in talk.text


async def test_with_the_yes_goes_what_the_calculator_was_told(talk: Talk, store: Reminders) -> None:
    facts = {"sex": "woman", "woman_kind": "woman_50", "birth": "1990-05", "region": "CN-ZJ", "base": "lowest"}
    talk.slots["estimate"] = {"kind": "pension", "facts": facts, "assumed": ["base"], "asked": None}
    await talk.say("每月10号提醒我交社保")
    await talk.say("同意", "affirm")
    subscription = await store.subscription(WHO)
    assert subscription is not None
    told = {"category": "woman_50", "birth": "1990-05", "region": "CN-ZJ"}
    assert subscription.facts == told | {"nudges": "no"}


# What is missing, what cannot be


async def test_what_is_missing_is_asked_one_at_a_time(talk: Talk) -> None:
    asked = []
    for said in ("提醒我", "交社保", "每个月", "月底"):
        await talk.say(said, "remind" if said == "提醒我" else "inform")
        draft = talk.draft
        assert draft is not None
        asked.append(draft.asked)
    assert asked == ["about", "rhythm", "day", "consent"]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_question_has_a_text_and_buttons_that_fit(conduct: ReminderConduct, language: Language) -> None:
    for asked in conduct.desk.words.texts.questions:
        talk = Talk(conduct, language)
        talk.slots["reminder_draft"] = {"act": "make", "values": {}, "asked": asked}
        told = await talk.act(AskReminder)
        assert told.text
        assert told.custom["outcome"] == "clarify"


IMPOSSIBLE = [
    ("每月32号提醒我交社保", "1号到31号", "day"),
    ("2月31号提醒我改缴费基数", "1号到29号", "date"),
    ("昨天提醒我交社保", "2026年11月23日", "date"),
    ("今天早上8点提醒我交社保", "已经过了", "date"),
    ("每月10号25点提醒我交社保", "0点到23点59分", "time"),
    ("每月10号半夜1点提醒我交社保", "晚上9:00到第二天上午8:00", "time"),
    ("每天提醒我交社保", "每季度", "rhythm"),
]


@pytest.mark.parametrize(("said", "accepted", "asked"), IMPOSSIBLE)
async def test_what_cannot_be_is_answered_with_what_is_accepted(
    talk: Talk, said: str, accepted: str, asked: str
) -> None:
    await talk.say(said)
    assert accepted in talk.text
    assert talk.draft is not None
    assert talk.draft.asked == asked


async def test_the_rest_of_an_impossible_wish_is_not_asked_again(talk: Talk) -> None:
    await talk.say("每月10号25点提醒我交社保")
    await talk.say("早上8点", "inform")
    assert "每个月10号上午8:00提醒你交社保" in talk.text


async def test_an_eleventh_reminder_is_one_too_many(talk: Talk, store: Reminders, agreed: None) -> None:
    for day in range(1, 11):
        await store.add(replace(PAY, day=day, first=date(2026, 12, day)), AT)
    await talk.say("每月20号提醒我交社保")
    assert "最多记10个" in talk.text
    assert len(talk.payloads) == 10


async def test_the_time_of_today_that_has_passed_means_next_month(talk: Talk, store: Reminders, agreed: None) -> None:
    await talk.say("每月23号早上9点提醒我交社保")
    assert (await kept(store))[0].first == date(2026, 12, 23)


@pytest.fixture
def talk_of_retirement(store: Reminders, workers: Workers) -> Talk:
    """With the project's own figures."""
    figures: Any = SimpleNamespace(
        knowledge=SimpleNamespace(parameters=Parameters.load(PROJECT / "knowledge/parameters"))
    )
    at = desk(figures, workers)
    return Talk(ReminderConduct(ReminderDesk(at, store, PROJECT / "knowledge", why, CareSettings.load())))


async def test_retirement_is_worked_out_and_said(talk_of_retirement: Talk, store: Reminders) -> None:
    talk = talk_of_retirement
    await talk.say("退休前三个月提醒我办手续")
    await talk.say("男", "inform")
    await talk.say("1985年5月", "inform", [*named("date", "1985-05"), *named("statement", "1985年5月")])
    assert "大约2048年5月" in talk.text
    await talk.tap("consent=yes")
    assert [(one.first, one.rhythm) for one in await kept(store)] == [(date(2048, 2, 1), Rhythm.ONCE)]
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert subscription.facts == {"category": "man", "birth": "1985-05", "nudges": "no"}


async def test_who_may_retire_already_is_told_so(talk_of_retirement: Talk, store: Reminders, agreed: None) -> None:
    talk = talk_of_retirement
    await store.keep_facts(WHO, "zh", {"category": "man", "birth": "1950-01"}, "chat", AT)
    await talk.say("到退休的时候提醒我")
    assert "不用等提醒" in talk.text
    assert talk.slots["requested_slot"] is None
    assert await kept(store) == ()


async def test_where_the_month_does_not_follow_a_day_is_asked_for(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.keep_facts(WHO, "zh", {"category": "man", "birth": "1985-05"}, "chat", AT)
    await talk.say("到退休的时候提醒我")  # the small folder has no figures of retirement
    assert "算不出" in talk.text
    await talk.say("2040年3月", "inform")
    assert [one.first for one in await kept(store)] == [date(2040, 3, 1)]


@pytest.mark.parametrize(
    ("said", "intent"), [("12333是干啥的？", "policy_question"), ("好的", "affirm"), ("我受伤了", "injured_at_work")]
)
async def test_what_has_nothing_to_do_with_it_is_left_to_others(talk: Talk, said: str, intent: str) -> None:
    await talk.say("每个月提醒我交社保")
    before = talk.slots["reminder_draft"]
    assert not await talk.say(said, intent, [{"entity": "x", "value": "y"}])
    assert talk.slots["reminder_draft"] == before


@pytest.mark.parametrize("held", [None, 5, {}, {"act": "fly"}, {"act": "make", "values": {"day": "99", "on": "soon"}}])
async def test_a_slot_that_holds_nonsense_begins_anew(talk: Talk, held: Any) -> None:
    talk.slots["reminder_draft"] = held
    told = await talk.act(AskReminder)
    assert "提醒你什么事" in told.text


@pytest.mark.parametrize(
    "choice", ["day=99", "on=2026-02-31", "which=x", "made_up=1", "at=2560", "stop=999", "consent=maybe"]
)
async def test_a_choice_that_no_button_sends_breaks_nothing(talk: Talk, store: Reminders, choice: str) -> None:
    await talk.tap(choice)
    assert talk.text
    assert await kept(store) == ()


async def test_a_restart_between_two_messages_loses_nothing(at: Desk, store: Reminders, talk: Talk) -> None:
    await talk.say("每个月提醒我交社保")
    again = Talk(ReminderConduct(ReminderDesk(at, store, PROJECT / "knowledge", why, CareSettings.load())))
    again.slots = talk.slots
    await again.say("10号", "inform")
    assert "每个月10号" in again.text


# Where it comes


@pytest.mark.parametrize(("app", "words"), [("wechat", "微信"), ("telegram", "Telegram"), ("sms", "手机短信")])
async def test_the_app_it_comes_to_is_named(
    engine: AsyncEngine, talk: Talk, agreed: None, app: str, words: str
) -> None:
    async with Sessions(engine).begin() as session:
        session.add(
            ContactRow(
                channel=app, address_key="k", address="x", conversation_id=WHO, first_seen=AT, last_inbound=AT,
                preferred=True,
            )
        )  # fmt: skip
    await talk.say("每月10号提醒我交社保")
    assert f"会发到你的{words}" in talk.text


async def test_without_an_app_it_is_seen_at_the_next_visit(talk: Talk, agreed: None) -> None:
    await talk.say("每月10号提醒我交社保")
    assert "下次打开" in talk.text or "再打开这里" in talk.text


# Changes

CHANGES = [
    ("改成15号", "改好了：每个月15号上午9:30", {"day": 15, "first": date(2026, 12, 15)}),
    ("改到晚上8点", "改好了：每个月10号晚上8:00", {"at": time(20)}),
    ("改成每季度一次", "改好了：每三个月一次，10号", {"rhythm": Rhythm.QUARTERLY}),
    ("改成每年一次", "改好了：每年12月10号", {"rhythm": Rhythm.YEARLY}),
    ("改成月底", "改好了：每个月最后一天", {"day": 31, "first": date(2026, 11, 30)}),
    ("暂停提醒", "先停着", {"state": ReminderState.PAUSED}),
    (
        "这次不用提醒",
        "2026年12月10日（周四）那次不提醒。下一次是2027年1月10日",
        {"skips": frozenset({date(2026, 12, 10)})},
    ),
]


@pytest.mark.parametrize(("said", "words", "after"), CHANGES)
async def test_the_only_reminder_is_changed_at_once(
    talk: Talk, store: Reminders, agreed: None, said: str, words: str, after: dict[str, Any]
) -> None:
    await store.add(PAY, AT)
    await talk.say(said, "remind")
    assert words in talk.text
    assert [replace(one, id=0) for one in await kept(store)] == [replace(PAY, **after)]


async def test_a_paused_reminder_comes_back(talk: Talk, store: Reminders, agreed: None) -> None:
    one = await store.add(PAY, AT)
    await store.change(replace(one, state=ReminderState.PAUSED))
    await talk.say("恢复提醒", "remind")
    assert "接着提醒" in talk.text
    assert [one.state for one in await kept(store)] == [ReminderState.ACTIVE]


async def test_a_reminder_for_once_whose_day_is_over_does_not_come_back(
    talk: Talk, store: Reminders, agreed: None
) -> None:
    one = await store.add(replace(PAY, rhythm=Rhythm.ONCE, first=date(2026, 11, 1)), AT)
    await store.change(replace(one, state=ReminderState.PAUSED))
    await talk.say("恢复提醒", "remind")
    assert "已经过了" in talk.text


async def test_skipping_what_comes_once_ends_it(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.add(replace(PAY, rhythm=Rhythm.ONCE), AT)
    await talk.say("这次不用提醒", "remind")
    assert "这个停了" in talk.text
    assert await kept(store) == ()


async def test_of_several_the_worker_says_which(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.add(PAY, AT)
    check = await store.add(replace(PAY, about=About.CHECK, day=1, first=date(2026, 12, 1)), AT)
    await talk.say("停掉一个提醒", "remind")
    assert talk.draft is not None
    assert talk.draft.asked == "which"
    await talk.say("第二个", "inform")
    assert "这个停了：每个月1号" in talk.text
    assert check.id not in {one.id for one in await kept(store)}


@pytest.mark.parametrize(("said", "left"), [("把第一个停掉", About.CHECK), ("取消查社保的提醒", About.PAY)])
async def test_one_is_stopped_by_its_place_or_by_what_it_is_about(
    talk: Talk, store: Reminders, agreed: None, said: str, left: About
) -> None:
    await store.add(PAY, AT)
    await store.add(replace(PAY, about=About.CHECK), AT)
    await talk.say(said, "remind")
    assert [one.about for one in await kept(store)] == [left]


async def test_a_place_that_the_list_does_not_have_is_said(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.add(PAY, AT)
    await talk.say("把第五个停掉", "remind")
    assert "没找到" in talk.text
    assert len(await kept(store)) == 1


async def test_the_reminder_of_somebody_else_cannot_be_touched(talk: Talk, store: Reminders, agreed: None) -> None:
    other = await store.add(replace(PAY, conversation_id="c-2"), AT)
    await talk.tap(f"stop={other.id}")
    assert "没找到" in talk.text
    assert len(await store.of("c-2")) == 1


async def test_a_change_into_the_quiet_hours_is_refused(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.add(PAY, AT)
    await talk.say("改到晚上11点", "remind")
    assert "怕吵着你" in talk.text
    assert (await kept(store))[0].at == PAY.at


@pytest.mark.parametrize("way", ["pause", "skip", "stop", "move"])
async def test_every_way_of_the_list_s_buttons_leads_on(talk: Talk, store: Reminders, agreed: None, way: str) -> None:
    one = await store.add(PAY, AT)
    told = await talk.act(ListReminders)
    assert f'/remind{{"choice":"{way}={one.id}"}}' in told.payloads
    await talk.tap(f"{way}={one.id}")
    assert talk.text


# Paid, later, why, quiet


@pytest.mark.parametrize(
    ("said", "month", "words"), [("我交了", "2026-11", "2026年11月"), ("上个月的交了", "2026-10", "2026年10月")]
)
async def test_a_payment_is_noted(
    talk: Talk, store: Reminders, agreed: None, said: str, month: str, words: str
) -> None:
    told = await talk.act(Paid, said, "paid")
    assert f"{words}的记成交了" in told.text
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert subscription.facts["last_paid"] == month


async def test_a_payment_without_a_yes_is_not_kept(talk: Talk, store: Reminders) -> None:
    told = await talk.act(Paid, "我交了", "paid")
    assert "没记下来" in told.text
    assert await store.subscription(WHO) is None


async def test_which_month_is_asked_where_it_is_not_clear(talk: Talk, store: Reminders, agreed: None) -> None:
    told = await talk.act(Paid, "交了三个月的", "paid")
    assert told.payloads == ['/remind{"choice":"paid=2026-11"}', '/remind{"choice":"paid=2026-10"}']
    await talk.tap("paid=2026-10")
    assert "2026年10月的记成交了" in talk.text


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("三天后再提醒", datetime(2026, 11, 26, 1, 30, tzinfo=UTC)),
        ("明天下午3点再提醒我", datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),
        ("晚上7点再说", datetime(2026, 11, 23, 11, 0, tzinfo=UTC)),
        ("晚点再说", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
    ],
)
async def test_what_was_sent_last_comes_once_more(
    engine: AsyncEngine, talk: Talk, store: Reminders, agreed: None, said: str, until: datetime
) -> None:
    await sent(engine)
    told = await talk.act(Snooze, said, "snooze")
    assert "再提醒你一次" in told.text
    assert [(one.origin, one.due_at) for one in await store.upcoming(WHO)] == [("asked:pay", until)]


async def test_tomorrow_after_a_reminder_puts_it_off(
    engine: AsyncEngine, talk: Talk, store: Reminders, agreed: None
) -> None:
    await sent(engine)
    await talk.say("明天提醒我")
    assert "再提醒你一次" in talk.text
    assert await kept(store) == ()


async def test_nothing_sent_cannot_be_put_off(talk: Talk, agreed: None) -> None:
    told = await talk.act(Snooze, "三天后再提醒", "snooze")
    assert "没有可以往后推的" in told.text
    assert told.payloads == ['/remind{"choice":"on=2026-11-26"}']


async def test_why_a_message_came_is_told_by_its_rule(
    engine: AsyncEngine, talk: Talk, store: Reminders, agreed: None
) -> None:
    await store.keep_facts(WHO, "zh", {"region": "CN-ZJ"}, "chat", AT)
    await sent(engine, "rule:payment-due")
    told = await talk.act(ExplainReminder, "为什么给我发这个", "explain_reminder")
    assert told.text == "zh: rule:payment-due, {'region': 'CN-ZJ'}"
    assert "/stop_reminders" in told.payloads


@pytest.mark.parametrize(
    ("said", "words", "hours"),
    [
        ("晚上8点以后别发", "晚上8:00到上午8:00", (time(20), time(8))),
        ("早上10点以前别打扰我", "晚上9:00到上午10:00", (time(21), time(10))),
        ("晚上10点到早上7点别发消息", "晚上10:00到上午7:00", (time(22), time(7))),
        ("随时都可以发", "什么钟点都可以", (time(0), time(0))),
    ],
)
async def test_quiet_hours_are_the_worker_s_own(
    talk: Talk, store: Reminders, agreed: None, said: str, words: str, hours: tuple[time, time]
) -> None:
    await talk.say(said, "remind")
    assert words in talk.text
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert (subscription.quiet_from, subscription.quiet_until) == hours


async def test_quiet_hours_without_a_yes_are_not_kept(talk: Talk, store: Reminders) -> None:
    await talk.say("晚上8点以后别发", "remind")
    assert "还没开提醒" in talk.text
    assert await store.subscription(WHO) is None


async def test_xinjiang_is_beijing_time_until_asked(talk: Talk, store: Reminders, agreed: None) -> None:
    await talk.say("按新疆时间来", "remind")
    assert "新疆时间" in talk.text
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert subscription.zone == "Asia/Urumqi"


async def test_the_zone_that_is_named_with_the_wish_is_agreed_to_with_it(talk: Talk, store: Reminders) -> None:
    await talk.say("按新疆时间，每月10号早上9点提醒我交社保")
    await talk.say("同意", "affirm")
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert subscription.zone == "Asia/Urumqi"


# Stop


STOPS = [
    ("退订", "stop_reminders"),
    ("别再提醒我了", "stop_reminders"),
    ("stop", "cancel"),
    ("停", "cancel"),
    ("TD", "nlu_fallback"),
]


@pytest.mark.parametrize(("said", "intent"), STOPS)
async def test_a_wish_to_stop_stops_everything_at_once(
    talk: Talk, store: Reminders, agreed: None, said: str, intent: str
) -> None:
    await store.add(PAY, AT)
    told = await talk.act(StopReminders, said, intent)
    assert "全停了" in told.text
    assert len(told.messages) == 2
    subscription = await store.subscription(WHO)
    assert subscription is not None
    assert not subscription.agreed
    assert await kept(store) == ()


@pytest.mark.parametrize("said", ["退订", "别再提醒我了", "stop", "取消所有提醒", "别提醒我交社保了"])
async def test_stop_inside_the_form_stops_too(talk: Talk, store: Reminders, agreed: None, said: str) -> None:
    await store.add(PAY, AT)
    await talk.say("每个月提醒我查社保")
    await talk.say(said, "inform")
    assert "全停了" in talk.text
    assert await kept(store) == ()
    assert talk.slots["requested_slot"] is None


async def test_never_mind_is_no_wish_to_stop(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.add(PAY, AT)
    told = await talk.act(StopReminders, "算了", "cancel")
    assert "不用取消" in told.text
    assert len(await kept(store)) == 1


async def test_a_classifier_that_is_wrong_stops_no_stop(talk: Talk, store: Reminders, agreed: None) -> None:
    await store.add(PAY, AT)
    told = await talk.act(ListReminders, "别再给我发提醒了", "list_reminders")
    assert "全停了" in told.text


# A database that is down, and what is held


class Broken:
    """A store whose every call fails."""

    def __getattr__(self, name: str) -> Any:
        async def fail(*args: object, **more: object) -> None:
            raise OSError("no database")

        return fail


@pytest.mark.parametrize("action", [ListReminders, StopReminders, Paid, Snooze, ExplainReminder])
async def test_a_database_that_is_down_is_survived(at: Desk, action: Any) -> None:
    broken: Any = Broken()
    conduct = ReminderConduct(ReminderDesk(at, broken, PROJECT / "knowledge", why, CareSettings.load()))
    told = await Talk(conduct).act(action, "", "stop_reminders")
    assert told.text


async def test_a_reminder_that_could_not_be_kept_is_not_confirmed(at: Desk) -> None:
    broken: Any = Broken()
    talk = Talk(ReminderConduct(ReminderDesk(at, broken, PROJECT / "knowledge", why, CareSettings.load())))
    await talk.say("每月10号提醒我交社保")
    await talk.say("同意", "affirm")
    assert "没记上" in talk.text
    assert "记下了" not in talk.text


@pytest.mark.parametrize(("language", "words"), [("zh", "提醒1个"), ("en", "reminders you agreed to: 1")])
async def test_what_is_held_names_the_reminders(
    at: Desk, conduct: ReminderConduct, store: Reminders, agreed: None, language: str, words: str
) -> None:
    await store.add(PAY, AT)
    calculator = Calculator(at, PROJECT / "knowledge")
    turn = tracker("/my_data", "my_data", language=language)
    told = await take(lambda _: ShowMyData(calculator, conduct.desk), at, turn)
    assert words in told.text
    await store.stop_all(WHO, AT)
    told = await take(lambda _: ShowMyData(calculator, conduct.desk), at, turn)
    assert words not in told.text


async def test_texts_that_break_while_running_leave_the_last_good_ones(
    small_library: Library, workers: Workers, store: Reminders, tmp_path: Path
) -> None:
    libraries = [small_library, copy(small_library)]
    (tmp_path / "reminders.yml").write_bytes((PROJECT / "knowledge/reminders.yml").read_bytes())
    at = replace(desk(small_library, workers), library=lambda: libraries[0])
    shared = ReminderDesk(at, store, tmp_path, why, CareSettings.load())
    good = shared.words
    (tmp_path / "reminders.yml").write_text("wording: [", encoding="utf-8")
    libraries.reverse()
    assert shared.words is good


def test_a_draft_survives_its_slot() -> None:
    draft = Draft(Wish.MAKE, {"about": "pay", "day": "10"}, "rhythm")
    assert Draft.restored(draft.as_slot()) == draft
