"""The actions of the reminders, made ready: their texts, the rules that explain a message, the quiet hours."""

from collections.abc import Callable
from pathlib import Path

from rasa_sdk import Action

import actions.reminders
from actions.answering.answer import Language
from actions.answering.folder import Knowledge
from actions.custom.ask_reminder import AskReminder
from actions.custom.calculator import Calculator
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
from actions.reminders.care import CareSettings
from actions.reminders.model import Facts
from actions.reminders.rules import RuleBook
from actions.reminders.store import Reminders, StillTrue
from actions.reminders.telling import Telling
from actions.reminders.voices import Voices

RULES = Path(actions.reminders.__file__).parent / "rules"
REMINDING = (ValidateReminderForm, AskReminder, Remind, ListReminders, StopReminders, Paid, Snooze, ExplainReminder)


def reminding(calculator: Calculator, reminders: Reminders, knowledge: Path) -> tuple[Action, ...]:
    """Every action that needs the worker's reminders; raises InvalidRules or InvalidSettings."""
    desk = calculator.desk
    voices = voices_of(lambda: desk.library().knowledge)

    def why(origin: str, facts: Facts, language: Language) -> str:
        return voices().why(origin, facts, language)

    shared = ReminderDesk(desk, reminders, knowledge, why, CareSettings.load())
    conduct = ReminderConduct(shared)
    return (*(action(conduct) for action in REMINDING), ShowMyData(calculator, shared))


def voices_of(knowledge: Callable[[], Knowledge]) -> Callable[[], Voices]:
    """What reminders say, with the places and figures that are in force when it is asked; raises InvalidRules."""
    rules = RuleBook.load(RULES).rules.values()
    held: dict[int, tuple[Knowledge, Voices]] = {}

    def voices() -> Voices:
        current = knowledge()
        kept = held.get(0)
        if kept is None or kept[0] is not current:
            telling = Telling(current.parameters, current.regions.name)
            held[0] = kept = current, Voices(RuleBook(rules, telling), ())
        return kept[1]

    return voices


def still_true_of(voices: Callable[[], Voices]) -> StillTrue:
    """Whether what is planned is still the case, by the rules in force."""
    return lambda origin, occasion, facts, on: voices().still_true(origin, occasion, facts, on)
