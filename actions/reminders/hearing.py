"""What a worker's message says of reminders: what they wish, what it is about, how often, on which day, at what time.

Pure; the words alone, in both languages. What cannot be is a `Trouble` with what is accepted: the chat words it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from actions.reminders.heard_days import HALF_A_YEAR, Days, days_in
from actions.reminders.heard_numbers import EN, ORDINAL, ORDINALS, ZH, number, plain
from actions.reminders.heard_times import ImpossibleTime, moment_in, time_in
from actions.reminders.model import About, Rhythm
from actions.reminders.recurrence import MONTHS_A_YEAR, ImpossibleDay


class TroubleKind(StrEnum):
    """What was asked for that cannot be."""

    TOO_OFTEN = "too_often"  # every day, every week, every two months: four rhythms and once are offered
    NO_SUCH_DAY = "no_such_day"
    NO_SUCH_MONTH = "no_such_month"
    NO_SUCH_YEAR = "no_such_year"
    NO_SUCH_TIME = "no_such_time"
    OVER = "over"


@dataclass(frozen=True)
class Trouble:
    """`lowest` to `highest` is accepted, where there are limits."""

    kind: TroubleKind
    lowest: int | date | None = None
    highest: int | date | None = None


@dataclass(frozen=True)
class Heard:
    """What the words say; None for what they do not say. `on`: one certain day; `day`: the day of the month.

    `lead`: how many months before the retirement.
    """

    about: About | None = None
    rhythm: Rhythm | None = None
    day: int | None = None
    month: int | None = None
    on: date | None = None
    at: time | None = None
    lead: int | None = None
    trouble: Trouble | None = None

    @property
    def says_when(self) -> bool:
        """Whether there is anything about a day, a time or a rhythm."""
        return any(part is not None for part in (self.rhythm, self.day, self.month, self.on, self.at))


_RHYTHMS = (
    (
        Rhythm.HALF_YEARLY,
        r"每(?:隔)?(?:半年|(?:六|6)个月)|半年(?:提醒)?一[次回]|一年(?:提醒)?两[次回]|\bevery (?:six|6) months\b|"
        r"\b(?:every|each) half[- ]?year\b|\bhalf[- ]?yearly\b|\btwice a year\b|\bsemi-?annual(?:ly)?\b",
    ),
    (
        Rhythm.QUARTERLY,
        r"每(?:一|个)?季度?|按季|季度(?:提醒)?一[次回]|季(?:缴|交)|每(?:隔)?(?:三|3)个月|(?:三|"
        r"3)个月(?:提醒)?一[次回]|季度"
        r"|\b(?:every|each|once a|per) quarter\b|\bquarterly\b|\bevery (?:three|3) months\b",
    ),
    (
        Rhythm.YEARLY,
        r"每(?:一)?年|年年|按年|一年(?:提醒)?一[次回]|\b(?:every|each|once a|once every|per) year\b|\byearly\b|"
        r"\bannually\b",
    ),
    (
        Rhythm.MONTHLY,
        r"每(?:一)?个?月|月月|按月|一个?月(?:提醒)?一[次回]|\b(?:every|each|once a|per) month\b|\bmonthly\b",
    ),
    (
        Rhythm.ONCE,
        r"(?:就|只)(?:这|提醒|要|叫我)*一[次回]|一次就(?:行|好|够|可以)|单次|一次性|^一次$|\bjust (?:this )?once\b|"
        r"\bonly once\b|\bone[- ]time\b|\bonce only\b|^once$|\bone time only\b",
    ),
)
_RHYTHM_PATTERNS = tuple((rhythm, re.compile(pattern)) for rhythm, pattern in _RHYTHMS)
_TOO_OFTEN = re.compile(
    r"每(?:一)?(?:天|日)|天天|日日|每(?:隔)?(?:个|一)?(?:周|星期|礼拜)|每个?(?:工作日|小时|钟头|早上|晚上)|"
    r"每隔?(?:两|二|2|四|4|五|5)个?月|"
    r"每隔?(?:两|二|2|几|三|3)[天日]|\b(?:every|each) (?:single )?(?:day|week|hour|morning|evening|night|weekday|"
    r"working day|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|two|2|four|4|five|5|other|couple)\b|\bdaily\b|\bweekly\b|"
    r"\bhourly\b|\bfortnightly\b"
)
_ABOUTS = (
    (About.RESIDENT, r"居民|新农合|农保|城乡|合作医疗|\bresident\b|\brural\b"),
    (About.RETIREMENT, r"退休|退龄|领养老金|\bretir\w*|\bpension age\b"),
    (About.BASE, r"基数|档次|缴费档|换档|调档|改档|\bbase\b|\bbracket\b"),
    (
        About.OTHER,
        r"转移|补贴|手续|材料|认证|证明|办.{0,6}(?:事|卡|证)|别的|其他|\btransfer\w*|\bsubsid\w*|\bpaperwork\b|"
        r"\bapply\b|"
        r"\bapplication\b|\bcertificat\w*|\bsomething else\b|\bother\b",
    ),
    (
        About.CHECK,
        r"(?:查|看|核对)(?:一?下|一?看|看)?.{0,8}(?:到账|交上|记录|扣|社保|账|有没有)|到账|对账|"
        r"\bcheck\b|\bcredited\b|\bwent through\b|\bmy record\b|\bon (?:the|my) record\b",
    ),
    (
        About.PAY,
        r"[交缴](?!通)|社保|保险|续费|续保|扣款|扣钱|付(?:钱|款|费)|存钱|\bpay(?:ing|ment|ments)?\b|"
        r"\bcontribut\w*|\bpremium\b|"
        r"\binstal\w*|\binsurance\b|\bdue\b",
    ),
)
_ABOUT_PATTERNS = tuple((about, re.compile(pattern)) for about, pattern in _ABOUTS)
_LEAD = re.compile(
    rf"(?:退休(?:之|以)?前|提前)(?:半年|(?P<zh>{ZH})\s*个?(?P<unit>月|年))|"
    rf"\b(?:half a year|(?P<en>{EN}) (?P<unit_en>months?|years?)) before (?:i |my )?retir\w*"
)
_WHICH = re.compile(
    rf"第\s*(?P<zh>{ZH})\s*[个条项]?|\b(?:the )?(?P<en>{ORDINAL})\s+(?:one|reminder)\b|\b(?:number|no\.?|#|"
    rf"reminder)\s*(?P<digits>\d{{1,2}})\b"
)
_ALL = re.compile(
    r"^(?!.*(?:不|别要))\W*(?:同意.{0,3})?(?:别的|其他的?|全部|都)也?(?:提醒|要|同意)|"
    r"^(?:yes\W*)?other things too|\ball of (?:it|them)\b"
)
_LAST_ONE = re.compile(r"最后(?:一个|那个|一条)|\bthe last (?:one|reminder)\b")
LAST = -1
_YES = re.compile(
    r"^(?:我)?(?:同意|可以|好|行|要|嗯|是|对|没问题|中|成|ok|okay|yes|yep|yeah|yup|sure|agreed?|i agree|of course|"
    r"fine|please do|"
    r"go ahead|do it|好的|好呀|好啊|行啊|行吧|可以的|要的|是的)(?:的|啊|呀|吧|了|,? ?please|,? ?i agree|，?同意|"
    r",? go ahead)*[。.!！~ ]*$"
)
_NO = re.compile(
    r"^(?:我)?(?:不用|不要|不同意|不了|不行|别|先不|算了|不必|不需要|不好|不|no|nope|nah|no thanks?(?: you)?|"
    r"not now|i don'?t agree|"
    r"don'?t|rather not|i'?d rather not)(?:了|的|吧|啊|呀|谢谢|,? ?thanks?(?: you)?|，?谢谢)*[。.!！~ ]*$"
)


def hear(text: str, now: datetime, asked: str | None = None) -> Heard:
    """What a message says, at the worker's local time `now`; `asked` is what was asked for last."""
    words = plain(text)
    about, rhythm, trouble = about_in(words), rhythm_in(words), None
    soon = moment_in(words, now)
    days, at = Days(), None
    try:
        at = soon.time() if soon else time_in(words)
    except ImpossibleTime:
        trouble = Trouble(TroubleKind.NO_SUCH_TIME)
    try:
        days = days_in(words, now.date(), asked)
    except ImpossibleDay as problem:
        trouble = trouble_of(problem)
    if rhythm is None and _TOO_OFTEN.search(words):
        return Heard(about, at=at, trouble=Trouble(TroubleKind.TOO_OFTEN))
    on, lead = soon.date() if soon else days.on, lead_in(words)
    return Heard(about, rhythm, days.day, days.month, on, at, lead, trouble)


def rhythm_in(words: str) -> Rhythm | None:
    """How often, in `plain` words."""
    return next((rhythm for rhythm, pattern in _RHYTHM_PATTERNS if pattern.search(words)), None)


def about_in(words: str) -> About | None:
    """What it is about, in `plain` words."""
    return next((about for about, pattern in _ABOUT_PATTERNS if pattern.search(words)), None)


def lead_in(words: str) -> int | None:
    """How many months before the retirement, in `plain` words."""
    found = _LEAD.search(words)
    if found is None:
        return None
    written = found["zh"] or found["en"]
    count = HALF_A_YEAR if written is None else number(written)
    years = (found["unit"] or found["unit_en"] or "").startswith(("年", "year"))
    return None if count is None else count * (MONTHS_A_YEAR if years else 1)


def which_in(text: str) -> int | None:
    """Which one of a list, from 1; `LAST` for the last one."""
    words = plain(text)
    found = _WHICH.search(words)
    if found:
        written = found["zh"] or found["digits"]
        return number(written) if written else ORDINALS[found["en"]]
    return LAST if _LAST_ONE.search(words) else None


def yes_or_no(text: str) -> bool | None:
    """Whether a short answer says yes or no; None where it says neither."""
    words = plain(text).strip()
    if _NO.match(words):
        return False
    return True if _YES.match(words) else None


def wants_all(text: str) -> bool:
    """Whether an answer to the consent is a yes to more than the one reminder."""
    return _ALL.search(plain(text)) is not None


def trouble_of(problem: ImpossibleDay) -> Trouble:
    """The same for the chat."""
    kinds = {"day": TroubleKind.NO_SUCH_DAY, "month": TroubleKind.NO_SUCH_MONTH, "year": TroubleKind.NO_SUCH_YEAR}
    return Trouble(kinds.get(problem.part, TroubleKind.OVER), problem.lowest, problem.highest)
