"""What a worker wishes done with their reminders: make, see, change, skip, pause, put off or stop them. Pure.

The bot's classifier guesses the same from examples; where the words here are plain, they are what counts, above all
for a worker who wants to be left alone.
"""

import re
from datetime import date, time
from enum import StrEnum

from actions.reminders.heard_numbers import ZH, number, plain
from actions.reminders.heard_times import HOURS_A_DAY, NOON, times_in
from actions.reminders.hearing import about_in, which_in
from actions.reminders.model import About
from actions.reminders.recurrence import MONTHS_A_YEAR


class Wish(StrEnum):
    """What is to be done."""

    MAKE = "make"
    LIST = "list"
    MOVE = "move"  # another day, time or rhythm
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    STOP = "stop"  # one of them
    STOP_ALL = "stop_all"
    QUIET = "quiet"
    ZONE = "zone"
    PAID = "paid"
    SNOOZE = "snooze"
    WHY = "why"


_LEAVE_ALONE = r"(?:别|不要|不用|不想|不许|勿|莫|甭)(?!忘|让|等|的)(?:再)?(?:给我|跟我|老|总|一直|天天|来)*"
_SENDING = r"(?:提醒|通知|发(?!票|工资|钱|现|生)|打扰|烦我|骚扰|吵)"
_REMINDERS = r"(?:提醒|通知|推送|订阅|消息)"
_EN_REMINDERS = r"(?:reminders?|reminding|messages|messaging|notifications?|texts|texting|nudges)"
_STOP_WORDS = re.compile(
    r"^\W*(?:退订|取消订阅|退|停|停止|t|td|n|stop|stop ?all|unsubscribe|end|quit|opt ?out|revoke|回?td?退订)\W*$"
)
_STOPS = re.compile(
    rf"{_LEAVE_ALONE}.{{0,2}}{_SENDING}|退订|取消订阅|"
    rf"(?:取消|停(?:止|掉|了|用)?|关(?:闭|掉|了|上)?|删(?:除|掉|了)?|不要|去掉|撤(?:销|"
    rf"掉)?)(?!忘).{{0,12}}{_REMINDERS}|"
    rf"{_REMINDERS}.{{0,6}}(?:取消|停(?!一)|关(?!于)|删|退订|不要了|去掉)|"
    rf"\b(?:stop|cancel|end|turn off|switch off|delete|remove|no more|disable|get rid of|"
    rf"quit)\b.{{0,32}}\b{_EN_REMINDERS}\b|"
    r"\b(?:don'?t|do not|stop|never)\b (?:ever )?(?:remind|messag|text|writ|notif|bother|nag|contact)\w*|"
    r"\bunsubscribe\b|\bopt(?:ing)? out\b|"
    r"\bleave me alone\b"
)
_EVERYTHING = re.compile(
    r"所有|全部|全都|都(?:别|不|停|取消|关|删)|一切|统统|\b(?:all|every|everything|any more|anymore|ever)\b|再也|"
    r"别再|不要再|退订"
)
_SKIPS = re.compile(
    r"(?:这|下)(?:一)?(?:次|回|个月|个季度|季度|期|笔|年).{0,4}(?:不用|不要|别|先不|免了|跳过|就算了|略过|不必)|"
    r"跳过|略过|"
    r"(?:不用|不要|别|免了).{0,4}(?:这|下)(?:一)?(?:次|回|个月)|"
    r"\bskip\b|\b(?:not|don'?t|no need)\b.{0,24}\b(?:this|next) (?:time|once|month|quarter|one)\b|\bleave out\b|"
    r"\b(?:this|next) time\b.{0,12}\bno\b"
)
_PAUSES = re.compile(
    r"暂停|先停(?!了)|停一(?:停|下|阵|段|会)|停(?:几|两|三|\d)个?(?:天|月|周|星期)|歇一?[歇阵段]|\bpaus\w*|"
    r"\bon hold\b|\bhold off\b|\bsuspend\w*"
)
_RESUMES = re.compile(
    r"恢复|(?:继续|接着|重新|又可以)(?:开始|开启|打开)?.{0,3}(?:提醒|通知)|提醒.{0,3}(?:继续|恢复|重新)|重新(?:开|启)|"
    r"\bresum\w*|\bunpaus\w*|\brestart\b|\b(?:turn|switch)\b.{0,20}\bback on\b|\bstart .{0,12}\bagain\b|"
    r"\bcontinue\b.{0,14}\bremind\w*"
)
_WHYS = re.compile(
    r"(?:为什么|为啥|为何|凭什么|怎么会?|咋会?|干嘛|干吗).{0,10}(?:发|收到|提醒|通知|推送)|(?:提醒|消息|短信|"
    r"通知).{0,8}(?:为什么|为啥|什么意思|怎么来的|谁发的|哪来的)|"
    r"\bwhy\b.{0,30}\b(?:get|got|getting|send|sent|sending|receiv\w*|remind\w*|text\w*|messag\w*|notif\w*|writ\w*)\b|"
    r"\bwhat (?:is|was) (?:this|that) (?:reminder|message|text) (?:for|about)\b|\bwhere did (?:this|"
    r"that) (?:reminder|message|text) come\b|"
    r"\bwho sent me (?:this|that)\b"
)
_LISTS = re.compile(
    r"(?:有|设|定|订|开)(?:了)?(?:哪些|什么|几个|多少|啥).{0,3}提醒|提醒(?:有|都|列表|清单|是).{0,3}(?:哪些|什么|"
    r"几个|列表)?$|我的提醒|"
    r"(?:看|查|列)(?:一?下|一?看|看|出|出来)?(?:我|设|已经|定)?.{0,4}的?提醒$|提醒列表|"
    r"下(?:一)?次.{0,6}(?:什么时候|哪天|几号|啥时候).{0,4}提醒|"
    r"(?:什么时候|哪天|几号|啥时候)(?:会)?提醒我|"
    r"\b(?:list|show|see|view|what|which|check|how many)\b.{0,24}\breminders\b|\bmy reminders\b|\bwhen(?:'s| is|"
    r" will| are)\b.{0,16}\b(?:next reminder|remind me)\b|"
    r"\b(?:do i have|are there) any reminders\b"
)
_PAID = re.compile(
    r"(?:已经?|刚刚?|刚才|都|早就?)?(?:交|缴|付|扣)(?:过|完|好|清|上|掉)?了(?!多|几|没|吗|么|\S{0,3}[年岁])|"
    r"(?:已经?|刚刚?|早就?)(?:交|缴|付)|缴清|交清|"
    r"\b(?:i(?:'ve| have|'d)? (?:already |just )?paid|already paid|paid (?:it|that|this|already|for)|"
    r"payment (?:is |was )?(?:done|made|sent)|"
    r"just paid|it(?:'s| is) paid|i did pay|all paid|paid up)\b|^paid\b"
)
_NOT_PAID = re.compile(r"没(?:有)?[交缴付]|还没|未[交缴]|[吗？?]$|\b(?:not|haven'?t|didn'?t|never)\b|\?$")
_HOW_LONG = re.compile(
    rf"{ZH}\s*(?:多|几)?年|\b\d+ years?\b|\b(?:since|for (?:\d|a |two|three|four|five|six|seven|eight|nine|ten)\w*)\b|"
    r"\bin (?:two|three|several|both|different|[a-z]+) (?:provinces?|places|cities)\b|[两三几]个?(?:省|地方|城市)"
)
_SNOOZES = re.compile(
    r"(?:晚|迟)(?:一?点|些|会儿?)(?:再)?(?:说|提醒|叫|来|弄|交|发|通知|告诉)?$|(?:等|待|过)(?:一)?(?:会|下|"
    r"阵)儿?.{0,3}再|(?:以后|回头|改天|到时候?)再(?:说|提醒|叫)|"
    r"再(?:提醒|叫|通知|喊|说)|推迟|延后|往后(?:推|挪)|稍后|待会儿?(?:再)?(?:提醒|说|叫)|"
    r"\blater\b|\bsnooz\w*|\bremind me again\b|\bagain (?:in|tomorrow|on|next)\b|\bask me again\b|\bput (?:it|"
    r"this) off\b|\bpostpone\b|\bnot now\b.{0,20}\bremind\b"
)
_ZONES = {
    "Asia/Urumqi": re.compile(
        r"(?:按|用|照|改成?|换成?|是).{0,4}(?:新疆|乌鲁木齐|当地)时间|新疆时间|\b(?:xinjiang|urumqi) time\b"
    ),
    "Asia/Shanghai": re.compile(
        r"(?:按|用|照|改成?|换成?).{0,4}北京时间|\b(?:in|use|by|to) (?:beijing|china|shanghai) time\b"
    ),
}
_MOVES = re.compile(
    r"改(?!缴费)(?:成|到|为|一?下|改)?|换(?:成|到|个|一?下)|挪(?:到)?|调(?:成|到|整|一?下)|提前到|推(?:到|后到)|"
    r"\b(?:change|move|switch|reschedule|instead|adjust|edit|make it)\b"
)
_MAKES = re.compile(
    r"提醒|闹钟|叫(?:我|一声|下我)|通知我|告诉我(?:一声)?|喊(?:我|一声)|催(?:我|一下)|别让我忘|记得.{0,3}(?:叫|"
    r"喊)|叫一下|"
    r"\bremind\w*|\bnotify\b|\balerts?\b|\balarm\b|\blet me forget\b|\bping me\b|\bnudge\b|\btell me (?:when|"
    r"before|on)\b|\bdon'?t let me (?:miss|forget)\b"
)
_QUIET_WORDS = re.compile(
    r"免打扰|勿扰|安静(?:时间|时段)|别吵|\bquiet (?:hours?|time)\b|\bdo not disturb\b|\bdnd\b|\bnot (?:at|"
    r"during) night\b"
)
_NO_SENDING = re.compile(
    r"(?:别|不要|不准|不许|不能|勿|莫|甭)(?:再)?(?:给我|跟我|来)*.{0,4}(?:发|提醒|打扰|吵|通知|烦)|"
    r"\b(?:don'?t|do not|no|never|stop)\b.{0,14}\b(?:write|text|message|messages|texts|remind|reminders|send|"
    r"disturb|notify|bother)\w*"
)
_AFTER = re.compile(r"以?后|之后|过了|开始|\b(?:after|from|past|later than)\b")
_BEFORE = re.compile(r"以?前|之前|\b(?:before|until|till|earlier than)\b")
_ANY_HOUR = re.compile(
    r"(?:取消|不要|关掉?|去掉).{0,4}(?:免打扰|安静|勿扰)|随时(?:都)?(?:能|可以|行)|\b(?:no|remove|"
    r"cancel) quiet hours\b|"
    r"\bany ?time\b|\bany hour\b"
)
_AS_EVERYBODY = re.compile(r"(?:恢复|默认|照常).{0,4}(?:免打扰|安静|勿扰)|\b(?:normal|usual|default) quiet hours\b")
AT_NO_HOUR = (time(0), time(0))
_AN_HOUR = re.compile(rf"{ZH}\s*点|\d:\d|\d\s*[ap]\.?m|\b(?:after|before|from|until|past) (?:\d|[a-z]+)\b")
_BETWEEN = re.compile(r"点.{0,3}(?:到|至|-|~).{0,6}点|\bfrom\b.+\bto\b|\bbetween\b.+\band\b")
_A_PART_OF_THE_DAY = re.compile(
    r"(?:晚上|夜里|半夜|早上|清早|中午|午休|白天).{0,3}(?:别|不要|不准|莫)(?!忘|让)|"
    r"\b(?:don'?t|do not|no)\b.{0,24}\b(?:at night|in the (?:morning|evening|afternoon)|during the day)\b|"
    r"\bat night\b.{0,12}\b(?:don'?t|do not|no)\b"
)
_ONE_OF_THEM = re.compile(r"[这那一]个|[这那]条|\b(?:this|that) (?:one|reminder)\b|\bone of\b|\b(?:a|one) reminder\b")
_STOPS_ONE = re.compile(
    r"(?:第.{1,3}[个条]|[这那]个|最后一个).{0,3}(?:停|取消|删|关|不要)|(?:停|取消|删|关)(?:掉|了|除|闭)?(?:第|[这那]个|最后)|"
    r"\b(?:stop|cancel|delete|remove)\b (?:the |number )?(?:[a-z-]+|\d+)(?: one)?$"
)
_A_REMINDER = re.compile(r"的(?:提醒|通知)|(?:提醒|通知).{0,3}(?:停|取消|删|关)|\breminder\b")
_ORDER = (
    (Wish.WHY, _WHYS),
    (Wish.SKIP, _SKIPS),
    (Wish.RESUME, _RESUMES),
    (Wish.PAUSE, _PAUSES),
)
_MONTH = re.compile(rf"(?:(?P<far>这|本|上|上上|下)个?月|(?P<month>{ZH})月份?)")
_MONTH_EN = re.compile(
    r"\b(?P<far>this|last|next) month\b|\b(?:for|of|in) (?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\b"
)
_EN_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FAR = {"这": 0, "本": 0, "上": -1, "上上": -2, "下": 1, "this": 0, "last": -1, "next": 1}
_SEVERAL_MONTHS = re.compile(
    rf"(?:交|缴|付)了?(?:{ZH}|几)个月|{ZH}个月的|\b(?:two|three|four|five|six|several|a few|\d+) months\b"
)


def is_stop_word(text: str) -> bool:
    """Whether the whole message is a word that every channel takes for "never write again"."""
    return bool(_STOP_WORDS.match(plain(text)))


def wish_in(text: str) -> Wish | None:
    """What the words plainly ask for; None where they do not speak of reminders."""
    words = plain(text)
    if is_stop_word(words):
        return Wish.STOP_ALL
    if _speaks_of_quiet(words):
        return Wish.QUIET
    for wish, pattern in _ORDER:
        if pattern.search(words):
            return wish
    if _STOPS.search(words):
        return _what_stops(words)
    if _STOPS_ONE.search(words) and (which_in(words) is not None or _ONE_OF_THEM.search(words)):
        return Wish.STOP
    if _LISTS.search(words):
        return Wish.LIST
    if any(pattern.search(words) for pattern in _ZONES.values()) and not _MAKES.search(words):
        return Wish.ZONE
    if _SNOOZES.search(words):
        return Wish.SNOOZE
    if _PAID.search(words) and not _NOT_PAID.search(words) and not _HOW_LONG.search(words):
        return Wish.PAID
    if _MAKES.search(words):
        return Wish.MOVE if _moves(words) else Wish.MAKE
    return Wish.MOVE if _moves(words) else None


def zone_in(text: str) -> str | None:
    """The IANA name of the time zone that the worker asks for by name."""
    words = plain(text)
    return next((zone for zone, pattern in _ZONES.items() if pattern.search(words)), None)


def quiet_in(text: str) -> tuple[time | None, time | None] | None:
    """From when and until when the worker wants to be left alone; None for both: as everybody. Raises ImpossibleTime.

    None instead of a pair where no hour is named.
    """
    words = plain(text)
    if _ANY_HOUR.search(words):
        return AT_NO_HOUR
    if _AS_EVERYBODY.search(words):
        return None, None
    spoken = times_in(words)
    if len(spoken) > 1:
        return spoken[0].at, spoken[1].at
    if not spoken:
        return None
    at, around = spoken[0].at, words[max(0, spoken[0].start - 8) :]
    if _BEFORE.search(around):
        return None, at
    if at.hour < NOON and not re.search(r"早|上午|凌晨|\bam\b|a\.m|morning|\d{1,2}:\d{2}", words):
        at = time((at.hour + NOON) % HOURS_A_DAY, at.minute)
    return at, None


def paid_month_in(text: str, today: date) -> str | None:
    """The month that is paid (`2026-11`): this one where none is named; None where it is not clear which."""
    words = plain(text)
    if _SEVERAL_MONTHS.search(words):
        return None
    found = _MONTH.search(words) or _MONTH_EN.search(words)
    count = today.year * MONTHS_A_YEAR + today.month - 1
    if found is None:
        return _written(count)
    groups = found.groupdict()
    if groups.get("far"):
        return _written(count + _FAR[groups["far"]])
    month = _EN_MONTHS.index(groups["name"]) + 1 if groups.get("name") else number(groups["month"])
    if month is None or not 1 <= month <= MONTHS_A_YEAR:
        return None
    year = today.year - (month > today.month + 1)  # 12月 said in January is last year's
    return f"{year:04d}-{month:02d}"


def _written(count: int) -> str:
    year, month = divmod(count, MONTHS_A_YEAR)
    return f"{year:04d}-{month + 1:02d}"


def _speaks_of_quiet(words: str) -> bool:
    if _QUIET_WORDS.search(words) or _ANY_HOUR.search(words) or _A_PART_OF_THE_DAY.search(words):
        return True
    if not _NO_SENDING.search(words) or not _AN_HOUR.search(words):
        return False
    return bool(_AFTER.search(words) or _BEFORE.search(words) or _BETWEEN.search(words))


def _moves(words: str) -> bool:
    """改缴费基数 is what a reminder may be about; the reminder is changed where a new day or time stands behind."""
    return bool(_MOVES.search(words)) and about_in(words) is not About.BASE


def _what_stops(words: str) -> Wish:
    """One of them where the words name one; otherwise, and in doubt, everything."""
    if _EVERYTHING.search(words):
        return Wish.STOP_ALL
    if which_in(words) is not None or _ONE_OF_THEM.search(words):
        return Wish.STOP
    return Wish.STOP if about_in(words) and _A_REMINDER.search(words) else Wish.STOP_ALL
