"""What a worker's message says of their own case: sex, birth, months paid, base, grade …

`Heard` are the entities that the bot has found already (dates, ages, durations, money, places); what has no entity is
read from the words here. A bare number means whatever was asked for last.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from actions.simulator.month import MONTHS_A_YEAR, Month

Facts = dict[str, str]
RATIO_BELOW = 10  # a base written below it is a share of the reference wage, from it on an amount of yuan
MIDDLE_OF_THE_YEAR = 6  # the month that is assumed where only a year of birth is told

_WOMAN = re.compile(
    r"女|我是?(?:一个|个)?(?:妈妈|宝妈|大姐|阿姨|老太太)|\b(?:woman|female|girl|lady|mother|mum|mom)\b", re.I
)
_MAN = re.compile(r"男|我是?(?:一个|个)?(?:爸爸|大叔|大爷)|\b(?:man|male|guy|father|dad)\b", re.I)
_OWN_PAYER = re.compile(
    r"灵活|自己交|自己缴|个人交|自由职业|管理|干部|坐办公室|\b(?:55|myself|flexible|own|manag\w*|office)\b", re.I
)
_WORKER_POST = re.compile(r"工人|车间|一线|流水线|\b(?:50|factory|worker'?s? (?:post|job)|shop ?floor|line)\b", re.I)
_YEAR = r"(?<!\d)(19[3-9]\d|20[01]\d|[3-9]\d|0\d)\s*"
_BORN_IN = re.compile(_YEAR + r"(?:年?(?:生|出生)|年的|后)|\bborn in (19[3-9]\d|20[01]\d)\b", re.I)
_YEAR_ALONE = re.compile(_YEAR + r"年(?!\s*\d*\s*月)")
_BARE_YEAR = re.compile(r"(?<!\d)(19[3-9]\d|20[01]\d)(?!\d)")
_NEVER_PAID = re.compile(
    r"没交过|从来没|没有交|没缴|还没开始|零|(?<!\d)0(?!\d)|一个月都没|\b(?:never|none|nothing|not yet|haven'?t)\b", re.I
)
_LOWEST = re.compile(r"最低|最少|下限|低档|\b(?:lowest|minimum|least|bottom)\b", re.I)
_HIGHEST = re.compile(r"最高|上限|顶格|\b(?:highest|maximum|top)\b", re.I)
_MIDDLE = re.compile(r"平均(?:工资)?(?:那)?档?|中间|中档|\b(?:average|middle)\b", re.I)
_SHARE = re.compile(r"(\d{2,3})\s*(?:%|％|percent|档)|百分之([一二三四五六七八九十百]+)", re.I)
_GRADE = re.compile(r"(?<!\d)([一二三四五六七八九十]|\d{1,2})\s*级|\b(?:grade|level)\s*(\d{1,2})\b", re.I)
_NUMBER = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?![\d.])")
_DONT_KNOW = re.compile(
    r"不知道|不清楚|不晓得|不懂|不确定|忘了|忘记|随便|说不准|搞不清|记不清|没数|你(?:看着|帮我)?(?:定|选)|"
    r"\b(?:don'?t know|dunno|no idea|not sure|unsure|forgot|whatever|you (?:choose|decide)|skip)\b",
    re.I,
)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")}


@dataclass(frozen=True)
class Heard:
    """One message: its words, the bot's entities as (kind, value) pairs, and the fact that was asked for last."""

    text: str
    entities: tuple[tuple[str, str], ...] = ()
    asked: str | None = None

    def values(self, kind: str) -> list[str]:
        """The values of one kind of entity, in order."""
        return [value for found, value in self.entities if found == kind]


def does_not_know(heard: Heard) -> bool:
    """Whether the worker says that they don't know, or leaves it to us."""
    return bool(_DONT_KNOW.search(heard.text))


def _sex(heard: Heard, on: date) -> str | None:
    if _WOMAN.search(heard.text):
        return "woman"
    return "man" if _MAN.search(heard.text) else None


def _woman_kind(heard: Heard, on: date) -> str | None:
    if heard.asked != "woman_kind":
        return None
    if _WORKER_POST.search(heard.text):
        return "woman_50"
    return "woman_55" if _OWN_PAYER.search(heard.text) else None


def _birth(heard: Heard, on: date) -> str | None:
    """A month; from a year alone its middle, from an age the month of the last birthday (`assumed` says so)."""
    for value in heard.values("date"):
        if re.match(r"\d{4}-\d{2}", value):
            return value[:7]
    found = _BORN_IN.search(heard.text)
    if found is None and heard.asked == "birth":
        found = _YEAR_ALONE.search(heard.text) or _BARE_YEAR.search(heard.text)
    if found:
        year = int(next(group for group in found.groups() if group))
        century = 1900 if year > on.year % 100 else 2000
        return str(Month(year if year > 99 else century + year, MIDDLE_OF_THE_YEAR))
    ages = heard.values("age") or (_bare(heard) if heard.asked == "birth" else [])
    if ages:
        return str(Month.of(on).plus(-MONTHS_A_YEAR * int(float(ages[0]))))
    return None


def _months_paid(heard: Heard, on: date) -> str | None:
    if heard.asked == "gap_months":  # the length of the gap, not what was paid
        return None
    if heard.asked == "months_paid" and _NEVER_PAID.search(heard.text):
        return "0"
    return _months(heard, "months_paid")


def _gap_months(heard: Heard, on: date) -> str | None:
    return _months(heard, "gap_months") if heard.asked == "gap_months" else None


def _months(heard: Heard, fact: str) -> str | None:
    durations = heard.values("duration")
    if durations:
        return str(int(float(durations[0])))
    if heard.asked == fact and (bare := _bare(heard)):
        return str(round(float(bare[0]) * MONTHS_A_YEAR))
    return None


def _base(heard: Heard, on: date) -> str | None:
    """`lowest`, `average`, `highest`, a share as `0.8`, or an amount of yuan as `4500`."""
    for pattern, word in ((_LOWEST, "lowest"), (_HIGHEST, "highest"), (_MIDDLE, "average")):
        if pattern.search(heard.text):
            return word
    share = _SHARE.search(heard.text)
    if share:
        ratio = Decimal(share[1] or _chinese_number(share[2])) / 100
        return "average" if ratio == 1 else str(ratio)
    return _money(heard, "base")


def _chinese_number(written: str) -> int:
    """Up to three hundred: 六十, 八十五, 百, 一百五十."""
    hundreds, has_hundred, rest = written.rpartition("百")
    tens, has_ten, ones = rest.rpartition("十")
    found = (_DIGITS.get(hundreds, 1) * 100 if has_hundred else 0) + (_DIGITS.get(tens, 1) * 10 if has_ten else 0)
    return found + (_DIGITS.get(ones, 0) if ones else 0)


def _wage(heard: Heard, on: date) -> str | None:
    return _money(heard, "own_wage")


def _money(heard: Heard, fact: str) -> str | None:
    found = heard.values("money") or (_bare(heard) if heard.asked == fact else [])
    try:
        return str(Decimal(found[0])) if found else None
    except InvalidOperation:
        return None


def _grade(heard: Heard, on: date) -> str | None:
    found = _GRADE.search(heard.text)
    if found:
        written = found[1] or found[2]
        return str(_DIGITS.get(written, written))
    bare = _bare(heard) if heard.asked == "grade" else []
    return bare[0] if bare else None


def _region(heard: Heard, on: date) -> str | None:
    places = heard.values("region")
    return places[-1] if places else None


def _bare(heard: Heard) -> list[str]:
    return _NUMBER.findall(heard.text)


READERS: dict[str, Callable[[Heard, date], str | None]] = {
    "sex": _sex,
    "woman_kind": _woman_kind,
    "birth": _birth,
    "region": _region,
    "months_paid": _months_paid,
    "base": _base,
    "gap_months": _gap_months,
    "grade": _grade,
    "own_wage": _wage,
}


_NUMERIC, _MONTH = r"\d{1,9}(?:\.\d{1,4})?", r"\d{4}-(?:0[1-9]|1[0-2])"
_SHAPES = {
    "sex": r"man|woman",
    "woman_kind": r"woman_55|woman_50",
    "birth": _MONTH,
    "region": r"CN(?:-[A-Z]{2}(?:\.[a-z]+)?)?",
    "months_paid": r"\d{1,4}",
    "base": rf"lowest|average|highest|{_NUMERIC}",
    "gap_months": r"\d{1,4}",
    "grade": r"\d{1,2}",
    "own_wage": _NUMERIC,
}
_KINDS = {  # the first whose words stand in a message
    "injury": r"工伤|伤残|受伤|\binjur",
    "gap": r"断缴|断交|停缴|停交|停一|不交了|\b(?:gap|stop paying|pause)\b",
    "compare": r"比一比|对比|比较|哪种划算|哪条路|\bcompare\b|\bwhich way\b",
    "retirement-age": r"几岁|多大(?:岁数|年纪)?.{0,4}退|退休(?:年龄|时间)|什么时候.{0,4}退|"
    r"\bwhen\b.*\bretire|\bretire(?:ment)? age\b",
    "contribution": r"(?:每|一个?)月.{0,6}交|要交多少|交多少钱|缴费(?:额|金额)|"
    r"\b(?:what|how much) (?:do|would|will) i pay\b|\bcontribution\b",
    "pension": r"养老|退休金|能领|能拿|\bpension\b|\bget (?:back|at retirement)\b",
}


def is_fact(fact: str, value: str) -> bool:
    """Whether a value could be this fact: what a button or a client sends is not taken as it comes."""
    return fact in _SHAPES and re.fullmatch(_SHAPES[fact], value) is not None


def kind_in(text: str) -> str | None:
    """The kind of estimate that a worker's words ask for."""
    return next((kind for kind, words in _KINDS.items() if re.search(words, text, re.I)), None)


def read(heard: Heard, wanted: Sequence[str], on: date) -> Facts:
    """Every wanted fact that the message tells, as text; the fact asked for last is read first."""
    order = sorted(wanted, key=lambda fact: fact != heard.asked)
    found: Facts = {}
    for fact in order:
        value = READERS[fact](heard, on)
        taken = fact in ("base", "own_wage") and value in found.values() and bool(heard.values("money"))
        if value is not None and not taken:
            found[fact] = value
    return found
