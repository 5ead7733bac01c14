"""Who is written to, and how often: what holds for every decision, the settings, and what would be sent."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actions.reminders.care import (
    WEEK,
    CareSettings,
    InvalidSettings,
    Kind,
    Postpone,
    Send,
    Suppress,
    decide,
    merge,
)
from actions.reminders.model import Delivery, Reason, Subscription
from actions.reminders.preflight import preflight
from actions.reminders.quiet_hours import QuietHours
from actions.reminders.zones import local
from tests.actions.reminders.schedule import SETTINGS, at, delivery

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTES = st.integers(0, 60 * 24 * 14)
KINDS = st.sampled_from(["asked", "urgent", "rule", "campaign", "snoozed"])
ZONES = st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "Europe/London", "America/New_York"])
HOURS = st.none() | st.tuples(st.times(), st.times())
WORKER = Subscription("worker", "zh", "Asia/Shanghai", {}, agreed=True)
STOPPED = Subscription("worker", "zh", "Asia/Shanghai", {}, agreed=False)


def later(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@st.composite
def workers(draw: st.DrawFn) -> Subscription:
    own = draw(HOURS)
    start, until = own or (None, None)
    return Subscription("worker", "zh", draw(ZONES), {}, agreed=True, quiet_from=start, quiet_until=until)


@st.composite
def dues(draw: st.DrawFn, number: int = 1) -> Delivery:
    due, length = later(draw(MINUTES)), timedelta(minutes=draw(st.integers(0, 60 * 24 * 5)))
    return delivery(draw(KINDS), due, due + length, number)


SENT = st.lists(MINUTES.map(later), max_size=8)


@given(dues(), workers(), MINUTES.map(later), SENT)
def test_nothing_is_sent_in_quiet_hours_or_too_late(
    due: Delivery, worker: Subscription, now: datetime, sent: Sequence[datetime]
) -> None:
    decision = decide(due, worker, now=now, sent=sent, settings=SETTINGS)
    hours = SETTINGS.quiet_hours(worker)
    if isinstance(decision, Send):
        assert not hours.is_quiet(now, worker.zone)
        assert now <= due.not_after
    if isinstance(decision, Postpone):
        assert max(now, due.due_at - timedelta(microseconds=1)) < decision.until <= due.not_after
        assert not hours.is_quiet(decision.until, worker.zone)


@given(dues(), workers(), MINUTES.map(later), SENT)
def test_no_rule_goes_beyond_the_caps(
    due: Delivery, worker: Subscription, now: datetime, sent: Sequence[datetime]
) -> None:
    kind = SETTINGS.kind_of(due)
    sent = [at for at in sent if at <= now]
    decision = decide(due, worker, now=now, sent=sent, settings=SETTINGS)
    if kind is Kind.ASKED or not isinstance(decision, Send):
        return
    same_day = [at for at in sent if local(at, worker.zone).date() == local(now, worker.zone).date()]
    assert len([at for at in sent if at > now - WEEK]) < SETTINGS.week[kind]
    assert len([at for at in same_day if at > now - WEEK]) < SETTINGS.day[kind]
    assert all(now - at >= timedelta(minutes=SETTINGS.gap[kind]) for at in sent)


@given(dues(), workers(), MINUTES.map(later), SENT)
def test_what_is_put_off_ends_after_few_tries(
    due: Delivery, worker: Subscription, now: datetime, sent: Sequence[datetime]
) -> None:
    for _ in range(12):
        decision = decide(due, worker, now=now, sent=sent, settings=SETTINGS)
        if not isinstance(decision, Postpone):
            return
        now = decision.until
    pytest.fail("a delivery is put off for ever")


@given(dues(), MINUTES.map(later), SENT)
def test_nothing_is_sent_without_a_yes(due: Delivery, now: datetime, sent: Sequence[datetime]) -> None:
    assert decide(due, None, now=now, sent=sent, settings=SETTINGS) == Suppress(Reason.NOT_AGREED)
    assert decide(due, STOPPED, now=now, sent=sent, settings=SETTINGS) == Suppress(Reason.STOPPED)


@given(st.lists(st.integers(), max_size=9).flatmap(
    lambda some: st.tuples(*(dues(number) for number in range(len(some))))
), workers(), MINUTES.map(later))  # fmt: skip
def test_merging_loses_none_and_doubles_none(ready: tuple[Delivery, ...], worker: Subscription, now: datetime) -> None:
    groups, left = merge(ready, worker, now=now, settings=SETTINGS)
    told = [one.id for group in groups for one in (group.lead, *group.briefly)]
    assert sorted([*told, *(one.id for one, _ in left)]) == sorted(one.id for one in ready)
    assert all(len(group.briefly) <= SETTINGS.together.in_brief for group in groups)
    assert [one.due_at <= now for one in ready if SETTINGS.kind_of(one) is Kind.ASKED and one.id not in told].count(
        True
    ) == 0
    assert all(SETTINGS.rank(group.lead) <= SETTINGS.rank(one) for group in groups for one in group.briefly)


def test_an_origin_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'gossip' is not a valid Kind"):
        SETTINGS.kind_of(delivery("gossip 5", START, START))


# The settings of staff.


def test_the_settings_that_hold_can_be_read_and_keep_the_night_free() -> None:
    settings = CareSettings.load()
    hours = settings.quiet_hours(WORKER)
    assert hours == QuietHours(settings.quiet.start, settings.quiet.until)
    assert hours.is_quiet(at("2026-12-01 23:00"), WORKER.zone)
    assert hours.is_quiet(at("2026-12-01 05:00"), WORKER.zone)
    for clock in (settings.usual, settings.latest):
        assert not hours.is_quiet(at(f"2026-12-01 {clock:%H:%M}"), WORKER.zone)


def test_what_matters_less_never_has_more_room_than_what_matters_more() -> None:
    settings = CareSettings.load()
    for caps in (settings.week, settings.day):
        assert Kind.ASKED not in caps
        assert caps[Kind.URGENT] >= caps[Kind.RULE] >= caps[Kind.CAMPAIGN]
    assert settings.gap[Kind.URGENT] <= settings.gap[Kind.RULE] <= settings.gap[Kind.CAMPAIGN]


BROKEN = [
    ({"usual": 930}, "usual: Value error, 930 is no time; a time in quotes is accepted, such as '21:00'"),
    ({"latest": "25:00"}, "latest: Value error, '25:00' is no time"),
    ({"latest": "9 pm"}, "latest: Value error, '9 pm' is no time"),
    ({"quiet": {"from": "21:00"}}, "quiet.until: Field required"),
    ({"week": {"rule": 0}}, "week.rule: Input should be greater than or equal to 1"),
    ({"week": {"rule": "four"}}, "week.rule: Input should be a valid integer"),
    ({"week": {"gossip": 1}}, "'asked', 'urgent', 'rule' or 'campaign'"),
    ({"month": {"rule": 9}}, "month: Extra inputs are not permitted"),
    ({"together": {"in_brief": -1, "asked_within_minutes": 30}}, "together.in_brief: Input should be greater"),
]


@pytest.mark.parametrize(("change", "error"), BROKEN, ids=[error for _, error in BROKEN])
def test_broken_settings_are_refused_by_key_and_reason(tmp_path: Path, change: dict[str, object], error: str) -> None:
    path = tmp_path / "settings.yml"
    real = yaml.safe_load(Path("actions/reminders/settings.yml").read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**real, **change}), encoding="utf-8")
    with pytest.raises(InvalidSettings) as refused:
        CareSettings.load(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert error in str(refused.value)


@pytest.mark.parametrize(("text", "error"), [("quiet: [", "not readable YAML"), ("", "file: Input should be")])
def test_a_file_that_is_no_settings_is_refused(tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "settings.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSettings, match=error):
        CareSettings.load(path)


def test_missing_settings_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="this file is missing"):
        CareSettings.load(tmp_path / "settings.yml")


# What would be sent.

NINE = at("2026-12-01 09:30")
TONIGHT = at("2026-12-01 20:30")
IN_A_WEEK = at("2026-12-08 20:30")


def counted(*deliveries: Delivery, worker: Subscription | None = WORKER, sent: Sequence[datetime] = ()) -> str:
    subscriptions = {"worker": worker} if worker else {}
    found = preflight(deliveries, subscriptions, now=NINE, sent={"worker": sent}, settings=SETTINGS)
    assert found.planned == found.messages + found.briefly + found.suppressed.total()
    reasons = "".join(f", {count} {reason}" for reason, count in sorted(found.suppressed.items()))
    return f"{found.workers} written to, {found.messages} + {found.briefly}, {found.postponed} waited{reasons}"


def test_what_is_due_is_counted_as_sent() -> None:
    assert counted(delivery("rule", NINE, TONIGHT)) == "1 written to, 1 + 0, 0 waited"


def test_what_is_merged_is_counted_as_told_along() -> None:
    due = [delivery(kind, NINE, TONIGHT, number) for number, kind in enumerate(("rule", "rule 50", "campaign"))]
    assert counted(*due) == "1 written to, 1 + 2, 0 waited"


def test_the_fourth_of_a_day_waits_for_the_next_and_counts_once() -> None:
    due = [delivery("rule", NINE, IN_A_WEEK, number) for number in range(4)]
    assert counted(*due) == "1 written to, 2 + 2, 1 waited"


def test_an_evening_rule_comes_along_and_what_was_asked_for_keeps_its_time() -> None:
    evening = at("2026-12-01 19:00")
    asked = delivery("asked", evening, TONIGHT, 3)
    assert counted(delivery("rule", NINE, TONIGHT, 1), delivery("rule", evening, TONIGHT, 2), asked) == (
        "1 written to, 2 + 1, 0 waited"
    )


def test_what_is_suppressed_is_counted_by_reason() -> None:
    night = at("2026-12-01 22:00")
    assert counted(delivery("rule", night, night)) == "0 written to, 0 + 0, 0 waited, 1 quiet"
    assert counted(delivery("rule", NINE, TONIGHT), worker=None) == "0 written to, 0 + 0, 0 waited, 1 not_agreed"
    assert counted(delivery("rule", NINE, TONIGHT), worker=STOPPED) == "0 written to, 0 + 0, 0 waited, 1 stopped"
    yesterday = at("2026-11-30 20:30")
    assert counted(delivery("rule", yesterday, yesterday)) == "0 written to, 0 + 0, 0 waited, 1 too_late"


def test_the_caps_count_what_went_before_and_what_would_go() -> None:
    before = [NINE - timedelta(days=days) for days in (1, 2, 3)]
    due = [delivery("rule", NINE + timedelta(days=days), TONIGHT + timedelta(days=days), days) for days in range(3)]
    assert counted(*due, sent=before) == "1 written to, 1 + 0, 0 waited, 2 cap"


def test_what_is_due_tomorrow_is_decided_tomorrow() -> None:
    before = [NINE - timedelta(minutes=minutes) for minutes in (150, 140)]
    tomorrow = delivery("rule", NINE + timedelta(days=1), TONIGHT + timedelta(days=1), 2)
    assert counted(delivery("asked", NINE, TONIGHT, 1), tomorrow, sent=before) == "1 written to, 2 + 0, 0 waited"


def test_what_cannot_be_sent_for_another_reason_is_counted_with_it() -> None:
    due = [delivery("rule", NINE, TONIGHT, number) for number in range(2)]
    found = preflight(
        due, {"worker": WORKER}, now=NINE, sent={}, settings=SETTINGS,
        obstacle=lambda one: Reason.NO_CHANNEL if one.id else None,
    )  # fmt: skip
    assert (found.planned, found.messages, found.suppressed) == (2, 1, {Reason.NO_CHANNEL: 1})


@given(st.lists(dues(), max_size=6), workers(), SENT)
def test_everything_planned_is_sent_or_has_a_reason(
    due: Sequence[Delivery], worker: Subscription, sent: Sequence[datetime]
) -> None:
    found = preflight(due, {"worker": worker}, now=START, sent={"worker": sent}, settings=SETTINGS)
    assert found.planned == found.messages + found.briefly + found.suppressed.total() == len(due)
