"""What a message says of a work injury or a death at work: the grade or the death, who gave the work, who is left.

The words of a family that lost somebody name relatives too ("my husband died"); relatives count as dependants only
where they were asked for, or where the words say that they lived on the income.
"""

import re
from datetime import date

from actions.simulator.heard import Heard, does_not_know

DEATH = "death"  # the answer to "which grade" after a death
NO_EMPLOYER = frozenset({"platform", "none"})
MOST_DEPENDANTS = 20  # what the case takes

_GRADE = re.compile(r"(?<!\d)(十?[一二三四五六七八九]|十|\d{1,2})\s*级|\b(?:grade|level)\s*(\d{1,2})\b", re.I)
_SPELT_GRADE = re.compile(r"\b(?:grade|level)\s*(one|two|three|four|five|six|seven|eight|nine|ten)\b", re.I)
_DIED = re.compile(
    r"工亡|去世|过世|离世|身故|死亡|遇难|(?<![累疼痛热烦困笑气吓急饿])死了|(?:人|他|她|爸|妈|父亲|母亲|老公|老婆|丈夫|妻子|爱人|儿子|女儿)没了|"
    r"\b(?:died|dead|death|fatal|fatally|passed away|was killed|lost (?:his|her|their) life)\b",
    re.I,
)
_ALIVE = re.compile(
    r"(?:没有?|不是|并没)(?:人)?(?:死|去世|过世|身故|工亡)|\b(?:not|nobody|no one|didn'?t|wasn'?t)\s+(?:\w+\s+)?"
    r"(?:die|died|dead|killed|fatal)\b",
    re.I,
)
_NO_EMPLOYER = re.compile(
    r"没有?(?:单位|公司|老板)|两个都不是|都不是|自己(?:单)?干|个体|摆摊|\b(?:no employer|neither|self-?employed|"
    r"(?:for|by) (?:my|him|her)self|on (?:my|his|her) own)\b",
    re.I,
)
_DENIED = re.compile(
    r"(?:没有?|不是|不在)(?:什么)?(?:单位|公司|老板|平台)|"
    r"\b(?:no|not|without)\s+(?:an?\s+|for\s+|with\s+|on\s+|the\s+){0,2}(?:employer|company|boss|platform|employee)\b",
    re.I,
)
_PLATFORM = re.compile(
    r"平台|接单|跑单|送外卖|跑外卖|骑手|网约车|美团|饿了么|滴滴|货拉拉|\b(?:platforms?|gig|riders?|courier|app orders?|"
    r"deliver(?:y|ing)|ride-?hailing|meituan|didi)\b",
    re.I,
)
_EMPLOYEE = re.compile(
    r"单位|公司|企业|工厂|厂里|工地|老板|劳动合同|\b(?:employers?|employees?|employed|company|factory|boss|contract)\b",
    re.I,
)
_LIVED_ON = re.compile(
    r"留下|剩下|靠[他她]|供养|抚养|赡养|养活|养着|要养|\b(?:left|leaves|leaving|behind|depend\w*|lived on|supported)\b",
    re.I,
)
_SPOUSE = re.compile(r"爱人|配偶|妻子|老婆|媳妇|丈夫|老公|\b(?:wife|husband|spouse|widow|widower|partner)\b", re.I)
_NO_SPOUSE = re.compile(
    r"(?:没有?|不算)(?:\w{0,3})?(?:爱人|配偶|妻子|老婆|媳妇|丈夫|老公)|没结婚|未婚|单身|离婚|"
    r"\bno (?:wife|husband|spouse|partner)\b|\b(?:unmarried|single|divorced|not married|without a spouse)\b",
    re.I,
)
_NO = re.compile(r"没有|没(?!了)|不是|不算|不靠|^\s*不|无|\b(?:no|not|none|nobody|neither|doesn'?t|didn'?t)\b", re.I)
_YES = re.compile(r"有|是|对|嗯|靠|\b(?:yes|yeah|yep|she did|he did)\b", re.I)
_NOBODY = re.compile(r"没有|没人|没别人|没了|(?<!\d)0(?!\d)|\b(?:none|nobody|no one|no other|no others|zero)\b", re.I)
_ONES = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "俩": 2}
_WORDS = {
    w: i for i, w in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"))
}
_COUNT_ZH = r"(\d{1,2}|[一二两俩三四五六七八九十])"
_RELATIVES = re.compile(
    rf"{_COUNT_ZH}\s*(?:个|位|名|口)?\s*(?:老人|孩子|小孩|娃|父母|爸妈|儿子|女儿|家人|亲人|别的人|其他人|人)|"
    rf"(?:老人|孩子|小孩|娃|父母|爸妈|儿子|女儿|家人|亲人)\s*{_COUNT_ZH}\s*(?:个|位|名|口)?|"
    r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|an?)\s+(?:(?:small|young|old|elderly|other)\s+)?"
    r"(?:child(?:ren)?|kids?|parents?|sons?|daughters?|others?|people|relatives?|dependants?|dependents?)\b",
    re.I,
)
_BARE_COUNT = re.compile(rf"^\s*{_COUNT_ZH}\s*(?:个|位|名|口)?\s*[。.!！]?\s*$|^\s*({'|'.join(_WORDS)})\b", re.I)


def grade(heard: Heard, on: date) -> str | None:
    """`1` to `10` as it was said, or `death`."""
    if _DIED.search(_ALIVE.sub("", heard.text)):
        return DEATH
    found = _GRADE.search(heard.text)
    if found:
        written = found[1] or found[2]
        return written if written.isdigit() else str(sum(_ONES[digit] for digit in written))
    spelt = _SPELT_GRADE.search(heard.text)
    if spelt:
        return str(_WORDS[spelt[1].lower()])
    bare = heard.asked == "grade" and not heard.values("money")  # "6000 yuan a month" is no grade
    return next(iter(heard.numbers), None) if bare else None


def relation(heard: Heard, on: date) -> str | None:
    """`employee`, `platform` or `none`; nothing where the words name both an employer and a platform."""
    text = _DENIED.sub(" ", heard.text)
    platform, employee = _PLATFORM.search(text), _EMPLOYEE.search(text)
    if platform or employee:
        return None if platform and employee else "platform" if platform else "employee"
    return "none" if _NO_EMPLOYER.search(heard.text) and _about_relation(heard) else None


def _about_relation(heard: Heard) -> bool:
    """ "Neither" is an answer to this question only."""
    return heard.asked == "relation" or bool(_DENIED.search(heard.text))


def spouse(heard: Heard, on: date) -> str | None:
    """`spouse` where a husband or wife lived on the income, `no_spouse` where not."""
    asked = heard.asked == "spouse"
    if not asked and not _LIVED_ON.search(heard.text):
        return None
    if _NO_SPOUSE.search(heard.text):
        return "no_spouse"
    if _SPOUSE.search(heard.text) and not (asked and _NO.search(heard.text)):
        return "spouse"
    if not asked or does_not_know(heard):
        return None
    return "no_spouse" if _NO.search(heard.text) else "spouse" if _YES.search(heard.text) else None


def dependants(heard: Heard, on: date) -> str | None:
    """How many relatives beside the spouse lived on the income."""
    asked = heard.asked in ("dependants", "spouse")
    if not asked and not _LIVED_ON.search(heard.text):
        return None
    counted = [next(filter(None, found.groups())) for found in _RELATIVES.finditer(heard.text)]
    if not counted and heard.asked == "dependants":
        bare = _BARE_COUNT.search(heard.text)
        counted = [bare[1] or bare[2]] if bare else heard.numbers[:1]
    if counted:
        number = sum(_count(written) for written in counted)
        return str(number) if number <= MOST_DEPENDANTS else None
    return "0" if heard.asked == "dependants" and _NOBODY.search(heard.text) else None


def _count(written: str) -> int:
    word = written.lower()
    if word in ("a", "an"):
        return 1
    return _ONES.get(word, _WORDS.get(word, -1)) if not word[0].isdigit() else int(float(word))
