"""What a worker's message says of their own case: sex, birth, months paid, base, grade …

`Heard` are the entities that the bot has found already (dates, ages, durations, money, places); what has no entity is
read from the words here. A bare number means whatever was asked for last.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from actions.simulator import reading_injury, reading_places
from actions.simulator.heard import Heard
from actions.simulator.month import MONTHS_A_YEAR, Month

Facts = dict[str, str]
OTHER_LENGTHS = frozenset({"gap_months", "resident_years"})
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
_BARE_YEAR = re.compile(r"(?<!\d)(19[3-9]\d|20[01]\d)(?!\d|\s*(?:元|块|yuan|rmb))", re.I)
_LOWEST = re.compile(r"最低|最少|下限|低档|\b(?:lowest|minimum|least|bottom)\b", re.I)
_HIGHEST = re.compile(r"最高|上限|顶格|\b(?:highest|maximum|top)\b", re.I)
_MIDDLE = re.compile(r"平均(?:工资)?(?:那)?档?|中间|中档|\b(?:average|middle)\b", re.I)
_SHARE = re.compile(r"(\d{2,3})\s*(?:%|％|percent|档)|百分之([一二三四五六七八九十百]+)", re.I)
_TIER = re.compile(r"档|\btier\b|\b(?:a|per|every|each) year\b|一年", re.I)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")}


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
    ages = heard.values("age") or (heard.numbers if heard.asked == "birth" and not heard.values("money") else [])
    if ages:
        return str(Month.of(on).plus(-MONTHS_A_YEAR * int(float(ages[0]))))
    return None


def _months_paid(heard: Heard, on: date) -> str | None:
    if heard.asked in OTHER_LENGTHS:  # the length of the gap, not what was paid
        return None
    if heard.asked == "months_paid" and heard.says_never:
        return "0"
    return heard.months("months_paid")


def _gap_months(heard: Heard, on: date) -> str | None:
    return heard.months("gap_months") if heard.asked == "gap_months" else None


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
    found = heard.values("money") or (heard.numbers if heard.asked == fact else [])
    try:
        return str(Decimal(found[0])) if found else None
    except InvalidOperation:
        return None


def _tier(heard: Heard, on: date) -> str | None:
    """`lowest`, or yuan a year: only where it was asked for, or the words call it a tier."""
    if heard.asked != "tier" and not _TIER.search(heard.text):
        return None
    if _LOWEST.search(heard.text):
        return "lowest"
    return _money(heard, "tier") or next(iter(heard.numbers), None)


def _resident_years(heard: Heard, on: date) -> str | None:
    """Whole years; the resident pension is paid by the year."""
    if heard.asked == "resident_years" and heard.says_never:
        return "0"
    months = heard.months("resident_years")
    return str(int(months) // MONTHS_A_YEAR) if months else None


def _region(heard: Heard, on: date) -> str | None:
    places = heard.values("region")
    return places[-1] if places else None


READERS: dict[str, Callable[[Heard, date], str | None]] = {
    "sex": _sex,
    "woman_kind": _woman_kind,
    "birth": _birth,
    "region": _region,
    "months_paid": _months_paid,
    "base": _base,
    "gap_months": _gap_months,
    "grade": reading_injury.grade,
    "relation": reading_injury.relation,
    "spouse": reading_injury.spouse,
    "dependants": reading_injury.dependants,
    "own_wage": _wage,
    "tier": _tier,
    "resident_years": _resident_years,
    "hukou": reading_places.hukou,
    "old_place": reading_places.old_place,
    "old_months": reading_places.old_months,
    "new_place": reading_places.new_place,
    "new_months": reading_places.new_months,
}
PLACES = frozenset({"region", "hukou", "old_place", "new_place"})


_PLACE = r"CN(?:-[A-Z]{2}(?:\.[a-z]+)?)?"
_NUMERIC, _MONTH = r"\d{1,9}(?:\.\d{1,4})?", r"\d{4}-(?:0[1-9]|1[0-2])"
_SHAPES = {
    "sex": r"man|woman",
    "woman_kind": r"woman_55|woman_50",
    "birth": _MONTH,
    **dict.fromkeys(PLACES, _PLACE),
    "months_paid": r"\d{1,4}",
    "base": rf"lowest|average|highest|{_NUMERIC}",
    "gap_months": r"\d{1,4}",
    "grade": rf"{reading_injury.DEATH}|\d{{1,2}}",
    "relation": r"employee|platform|none",
    "spouse": r"spouse|no_spouse",
    "dependants": r"1?\d|20",
    "own_wage": _NUMERIC,
    "tier": rf"lowest|{_NUMERIC}",
    "resident_years": r"\d{1,2}",
    "old_months": r"\d{1,4}",
    "new_months": r"\d{1,4}",
}
_KINDS = {  # the first whose words stand in a message
    "injury": r"工伤|工亡|因工|伤残|受伤|\binjur|\b(?:died|death|killed) (?:at|on) (?:work|the job)\b|\bfatal",
    "gap": r"断缴|断交|停缴|停交|停一|不交了|\b(?:gap|stop paying|pause)\b",
    "compare": r"比一比|对比|比较|哪种划算|哪条路|\bcompare\b|\bwhich way\b",
    "transfer": r"转移|转(?:走|过|到)|(?:两|几|不同)个?(?:省|地方|城市).{0,4}交|在?哪(?:里|儿)?领|异地|"
    r"\btransfer|\bmov(?:e|ed|ing) (?:my )?(?:pension|record|province)|\b(?:two|several) (?:places|provinces)\b",
    "resident-pension": r"居民(?:养老|保险|社保)|新农保|城乡居民|农村(?:的)?养老|农保|\bresident\b|\brural pension\b",
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
