"""Why a worker was sent something: the rule, what we know that made it due, why it is fair, and how to stop it."""

from datetime import date

from actions.reminders.facts import FORMS
from actions.reminders.model import Facts, Language
from actions.reminders.periods import month_number
from actions.reminders.rule_reading import Rule
from actions.reminders.spoken import spoken_duration
from actions.reminders.telling import Telling, shared_words
from actions.reminders.triggers import Asked
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.spelling import day_in_words, month_in_words


def why(rule: Rule, facts: Facts, language: Language, telling: Telling) -> str:
    """The answer to "why was I sent this?", a few sentences."""
    words = shared_words()
    frame = words.why_asked if isinstance(rule.when, Asked) else words.why
    between = words.between.in_language(language)
    known = between.join(_told(name, facts[name], language, telling) for name in known_for(rule, facts))
    said = {
        "title": rule.title.in_language(language),
        "why_fair": rule.why_fair.in_language(language),
        "known": words.known.in_language(language).replace("{facts}", known) if known else "",
    }
    text = frame.in_language(language)
    for name, value in said.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def known_for(rule: Rule, facts: Facts) -> tuple[str, ...]:
    """The facts that made a rule due, as far as they are known: those of the trigger, then those of its conditions."""
    names = (*rule.when.told, *rule.who, *rule.unless)
    return tuple(name for name in dict.fromkeys(names) if facts.get(name) and name in shared_words().facts)


def _told(name: str, value: str, language: Language, telling: Telling) -> str:
    words = shared_words().facts[name]
    said = words.values.get(value)
    told = said.in_language(language) if said else _in_words(name, value, language, telling)
    return f"{words.name.in_language(language)}{'：' if language == 'zh' else ': '}{told}"


def _in_words(name: str, value: str, language: Language, telling: Telling) -> str:
    kind = FORMS[name].kind
    if kind == "place":
        return telling.name_of(value, language)
    if kind == "day":
        return day_in_words(date.fromisoformat(value), language)
    if kind == "month":
        year, month = divmod(month_number(value), MONTHS_A_YEAR)
        return month_in_words(Month(year, month + 1), language)
    return spoken_duration(int(value), language) if kind == "months" else value
