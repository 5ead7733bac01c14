"""From a rule's texts to what one worker reads: the first text that fits and can be filled."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from actions.parameters import Figure
from actions.reminders.audience import fits
from actions.reminders.model import CannotSay, Message, NextStep
from actions.reminders.rule_reading import Rule, Text
from actions.reminders.spoken import spoken_day
from actions.reminders.telling import shared_words
from actions.reminders.typed_figures import PLACEHOLDER, placeholders
from actions.reminders.values import VALUES, Said, Situation


@dataclass(frozen=True)
class Filled:
    """A text with its values, and the figures they came from."""

    text: str
    figures: tuple[Figure, ...]


def filled(template: str, about: Situation) -> Filled:
    """A text with its placeholders filled; raises CannotSay for the first that cannot be."""
    return _filled(template, _values((template,), about))


def message_of(rule: Rule, about: Situation, channel: str) -> Message:
    """What the worker reads on a channel; raises CannotSay where every text that fits needs something unknown."""
    step = about.occurrence.step if about.occurrence else ""
    unknown = CannotSay("occasion")
    for text in rule.texts:
        if (text.steps and step not in text.steps) or not fits(text.who, about.facts):
            continue
        try:
            return _message(rule, text, about, channel)
        except CannotSay as error:
            unknown = error
    raise unknown


def _message(rule: Rule, text: Text, about: Situation, channel: str) -> Message:
    forms = text.forms(about.language)
    said = _values((forms.on(channel), forms.sms), about)
    main, brief = _filled(forms.on(channel), said), _filled(forms.sms, said)
    words = with_its_end(main, about, channel)
    steps = tuple(NextStep(b.title.in_language(about.language), b.payload) for b in rule.next_steps)
    sources = about.telling.sources(dict.fromkeys(main.figures + brief.figures), about.language)
    return Message(words, brief.text, about.language, steps, sources)


def _values(templates: Iterable[str], about: Situation) -> dict[str, Said]:
    return {name: VALUES[name](about) for name in _wanted(tuple(templates))}


@lru_cache(maxsize=1024)
def _wanted(templates: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(frozenset().union(*map(placeholders, templates))))


def _filled(template: str, said: dict[str, Said]) -> Filled:
    text = PLACEHOLDER.sub(lambda found: said[found[1]].words, template)
    used = (said[name].figures for name in PLACEHOLDER.findall(template))
    return Filled(text, tuple(dict.fromkeys(figure for figures in used for figure in figures)))


def with_its_end(said: Filled, about: Situation, channel: str) -> str:
    """The text with what stands below it: how to stop in an SMS, which has no room for the age of its figures."""
    if channel == "sms":
        return f"{said.text} {shared_words().stop_by_sms.in_language(about.language)}"
    return said.text + _age(said.figures, about)


def _age(figures: Iterable[Figure], about: Situation) -> str:
    """Says so where a figure is older than it should be."""
    old = [figure.since for figure in figures if figure.stale]
    if not old:
        return ""
    since = spoken_day(min(old), about.on, about.language)
    return shared_words().stale.in_language(about.language).replace("{since}", since)
