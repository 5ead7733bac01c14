"""The rule book: what is due for a worker, whether it is still true, what it says, and why it was sent.

UnknownOrigin   no rule of this book is behind the origin
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

from actions.parameters import Parameters
from actions.reminders.audience import Condition, fits
from actions.reminders.explaining import why
from actions.reminders.facts import FORMS, retirement_month
from actions.reminders.model import PUT_OFF, Due, Facts, Language, Message, Reason
from actions.reminders.occurrences import Occurrence, Window
from actions.reminders.periods import month_number, month_of
from actions.reminders.rule_reading import Rule, read_rules
from actions.reminders.telling import Telling
from actions.reminders.triggers import Asked
from actions.reminders.values import VALUES, Situation
from actions.reminders.wording import message_of
from actions.reminders.working_days import Move, moved_to_working_day

RULE, ASKED = "rule", "asked"
ALIKE_KEPT = 4096  # sorts of workers, by scheme and by which facts are known
WINDOWS_KEPT = 4  # planning looks at the same days for everybody; workers in other zones may be a day apart
AROUND_KEPT = 128  # a window for each rule and day on which messages are sent
Test = Callable[[Facts], bool]
_to_working_day = lru_cache(maxsize=4096)(moved_to_working_day)


class UnknownOrigin(LookupError):
    """No rule of this book is behind the origin: a campaign has its own words, and a rule may be gone."""


@dataclass(frozen=True, slots=True)
class _Looking:
    """One rule and the days that are looked at for it."""

    rule: Rule
    origin: str
    test: Test
    window: Window


class RuleBook:
    """All rules of a folder. Read-only; safe to share between tasks."""

    def __init__(self, rules: Iterable[Rule], telling: Telling) -> None:
        self.telling = telling
        self.rules = {rule.id: rule for rule in rules}
        self._asked = {rule.when.about.value: rule for rule in self.rules.values() if isinstance(rule.when, Asked)}
        self._tests = {rule.id: _test_of(rule) for rule in self.rules.values() if not isinstance(rule.when, Asked)}
        self._around: dict[tuple[str, date], Window] = {}
        self.instead = {f"{RULE}:{rule.id}": rule.instead for rule in self.rules.values() if rule.instead}
        self._alike: dict[tuple[int, str | None, frozenset[str]], tuple[Sequence[_Looking], Sequence[_Looking]]] = {}
        self._looked: dict[tuple[date, date, int], tuple[Parameters, Sequence[_Looking]]] = {}

    @classmethod
    def load(cls, folder: Path, telling: Telling | None = None) -> "RuleBook":
        """Reads every `.yml` of the folder; raises InvalidRules. Without `telling` no figure can be said."""
        return cls(read_rules(folder, VALUES), telling or Telling())

    def due(self, facts: Facts, first: date, last: date, parameters: Parameters) -> list[Due]:
        """What the rules find for one worker from `first` to `last`, both included, in no order."""
        found = []
        for looking in self._candidates(facts, first, last, parameters):
            if not looking.test(facts):
                continue
            rule = looking.rule
            for one in rule.when.occurrences(facts, looking.window):
                if _stopped(rule, one.occasion, facts, first, parameters) is None:
                    found.append(
                        Due(looking.origin, one.occasion, one.day, rule.at, rule.latest, rule.priority, rule.grace_days)
                    )
        return found

    def still_true(self, origin: str, occasion: str, facts: Facts, on: date) -> Reason | None:
        """Why it is not to be said any more; None where it is. A campaign's occasion is always true here."""
        rule = self._behind(origin)
        if rule is None:
            return Reason.NOT_TRUE if origin.startswith(f"{RULE}:") else None
        stopped = _stopped(rule, occasion, facts, on, self.telling.parameters)
        if stopped is not None or isinstance(rule.when, Asked):
            return stopped
        if not _is_for(rule, facts):
            return Reason.NOT_TRUE
        found = self._found(rule, occasion, facts, on)
        if found is None:
            can_tell = bool(self.telling.parameters.all)  # without figures many occasions cannot be found again
            return Reason.NOT_TRUE if can_tell and "facts_changed" in rule.stop else None
        speaks_of_before = found.anchor is not None and found.day < found.anchor < on
        return Reason.NOT_TRUE if speaks_of_before and "day_passed" in rule.stop else None

    def message(self, origin: str, occasion: str, facts: Facts, on: date, language: Language, channel: str) -> Message:
        """What the worker reads; raises CannotSay, or UnknownOrigin."""
        rule = self._rule(origin)
        found = self._found(rule, occasion, facts, on)
        return message_of(rule, Situation(facts, on, found, language, self.telling), channel)

    def why(self, origin: str, facts: Facts, language: Language) -> str:
        """Why the worker was sent this, and how to stop it; raises UnknownOrigin."""
        return why(self._rule(origin), facts, language, self.telling)

    def _rule(self, origin: str) -> Rule:
        rule = self._behind(origin)
        if rule is None:
            raise UnknownOrigin(origin)
        return rule

    def _behind(self, origin: str) -> Rule | None:
        kind, _, name = origin.partition(":")
        if kind == ASKED:
            return self._asked.get(name)
        return self.rules.get(name) if kind == RULE else None

    def _found(self, rule: Rule, occasion: str, facts: Facts, on: date) -> Occurrence | None:
        planned, put_off, _ = occasion.partition(PUT_OFF)
        around = self._around.get((rule.id, on))
        if around is None:
            if len(self._around) >= AROUND_KEPT:
                self._around.clear()
            around = self._around[rule.id, on] = Window.around(on, self.telling.parameters)
        return rule.when.find(planned, facts, on, around, bool(put_off))

    def _candidates(self, facts: Facts, first: date, last: date, parameters: Parameters) -> Sequence[_Looking]:
        """The rules that can be for a worker of whom these facts are known; the same for everybody alike."""
        looking = self._looking(first, last, parameters)
        key = (id(looking), facts.get("scheme"), frozenset(facts))
        kept = self._alike.get(key)
        if kept is None:
            if len(self._alike) >= ALIKE_KEPT:
                self._alike.clear()
            chosen = tuple(one for one in looking if _possible(one.rule, facts))
            self._alike[key] = kept = (looking, chosen)  # holds what its id stands for
        return kept[1]

    def _looking(self, first: date, last: date, parameters: Parameters) -> Sequence[_Looking]:
        key = (first, last, id(parameters))
        kept = self._looked.get(key)
        if kept is None:
            while len(self._looked) >= WINDOWS_KEPT:
                del self._looked[next(iter(self._looked))]
            looking = tuple(
                _Looking(self.rules[name], f"{RULE}:{name}", test,
                         Window(first, last, parameters, _mover(self.rules[name].working_day)))
                for name, test in self._tests.items()
            )  # fmt: skip
            self._looked[key] = kept = (parameters, looking)  # holds the parameters, so that their id stays theirs
        return kept[1]


def _mover(how: Move) -> Callable[[date], date] | None:
    return None if how == "as_is" else partial(_to_working_day, how=how)


def _stopped(rule: Rule, occasion: str, facts: Facts, on: date, parameters: Parameters) -> Reason | None:
    """The stop conditions that the facts of a day decide."""
    if "paid" in rule.stop and rule.when.is_paid(occasion, facts, on):
        return Reason.PAID
    if "reported" in rule.stop and facts.get("injury_reported") == "yes":
        return Reason.NOT_TRUE
    if "retired" in rule.stop:
        retires = retirement_month(facts, parameters, on)
        return Reason.NOT_TRUE if retires and month_number(retires) <= month_of(on) else None
    return None


def _possible(rule: Rule, facts: Facts) -> bool:
    """Whether the names of the known facts, and the scheme, leave the rule possible."""
    if any(name not in facts for name in rule.when.needs):
        return False
    scheme = rule.who.get("scheme")
    return scheme is None or scheme.holds("scheme", facts.get("scheme"))


def _is_for(rule: Rule, facts: Facts) -> bool:
    """Whether the worker is one of those that the rule is for."""
    return fits(rule.who, facts) and not (rule.unless and fits(rule.unless, facts))


def _test_of(rule: Rule) -> Test:
    """The same as `_is_for`, and that the trigger has what it needs, as one quick test: it is asked a million times."""
    wanted = rule.who.items()
    known = tuple(dict.fromkeys((*rule.when.needs, *(name for name, condition in wanted if condition.known))))
    words = tuple((name, frozenset(condition.one_of)) for name, condition in wanted if _is_word(name, condition))
    others = tuple((name, c) for name, c in wanted if not c.known and not _is_word(name, c))
    unless = rule.unless

    def test(facts: Facts) -> bool:
        for name, accepted in words:
            if facts.get(name) not in accepted:
                return False
        for name in known:
            if not facts.get(name):
                return False
        for name, condition in others:
            if not condition.holds(name, facts.get(name)):
                return False
        return not (unless and fits(unless, facts))

    return test


def _is_word(name: str, condition: Condition) -> bool:
    """Whether it asks for one of some words; a place also is what it lies in."""
    return bool(condition.one_of) and FORMS[name].kind == "word"
