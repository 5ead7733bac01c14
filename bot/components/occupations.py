"""What the worker does for a living, as a slug: rider, ride_hailing_driver, courier, domestic_worker …"""

import re

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from components.extraction import Extraction, Found

_FORMS = {
    "rider": "外卖骑手|外卖小哥|外卖员|骑手|送外卖|跑外卖|跑美团|送餐员|跑腿小哥|闪送|众包|专送|"
    r"delivery riders?|food delivery|takeaway riders?|food couriers?|riders?|deliver(?:ing)? food|deliveroo",
    "ride_hailing_driver": "网约车司机|网约车|开滴滴|跑滴滴|滴滴司机|跑车的|专车司机|快车司机|"
    r"ride-?\s?hailing(?: drivers?)?|didi drivers?|drive for didi|driving for didi|uber drivers?",
    "courier": r"快递员|快递小哥|送快递|派件员|快递骑手|parcel couriers?|couriers?|deliver(?:ing)? parcels",
    "truck_driver": r"货车司机|卡车司机|大车司机|货拉拉|跑货运|跑长途|truck drivers?|truckers?|"
    "lorry drivers?|freight drivers?",
    "designated_driver": r"代驾司机|代驾|designated drivers?",
    "domestic_worker": "家政工|家政阿姨|家政|保姆|月嫂|育儿嫂|钟点工|护工|保洁阿姨|保洁|"
    r"domestic workers?|domestic helpers?|nann(?:y|ies)|housekeepers?|cleaners?|care workers?|"
    r"maternity nurses?",
    "live_streamer": r"带货主播|主播|做直播|直播带货|up主|博主|live-?\s?streamers?|live-?\s?streaming|"
    "streamers?|influencers?",
    "stall_holder": r"摆地摊|摆摊|摊主|夜市摊|小摊贩|小贩|个体户|street vendors?|stall[- ]?holders?|"
    "market stall|run a stall|a stall",
    "online_seller": r"开网店|网店店主|淘宝店|微商|online (?:shop|store|seller)s?|sell(?:ing)? online",
    "freelancer": r"自由职业者?|自由撰稿|freelanc(?:er|ers|ing|e)|self-employed",
    "construction_worker": r"建筑工人?|工地上?干活|工地小工|工地|瓦工|木工|泥瓦匠|装修工|"
    "construction workers?|building sites?|bricklayers?",
    "hairdresser": r"理发师|美发师|美容师|美甲师|hairdressers?|beauticians?",
    "cook": r"厨师|后厨|cooks?(?= in| at|\.|,|$)|chefs?",
    "farmer": r"种地的?|务农|农民(?!工)|farmers?|farming",
    "student": r"大学生|在校生|应届生|学生|(?:university |college )?students?",
}
_PATTERN = re.compile(
    "|".join(
        f"(?P<{slug}>" + "|".join(rf"\b{f}\b" if re.match(r"[a-z(]", f) else f for f in forms.split("|") if f) + ")"
        if "(?" not in forms
        else f"(?P<{slug}>{forms})"
        for slug, forms in _FORMS.items()
    )
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class OccupationExtractor(Extraction):
    """Entity `occupation`."""

    def find(self, text: str) -> list[Found]:
        """See `Extraction.find`."""
        return [Found("occupation", m.start(), m.end(), m.lastgroup or "") for m in _PATTERN.finditer(text)]
