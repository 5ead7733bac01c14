"""Which insurance the message speaks of: employee, flexible, resident, medical, injury …"""

import re

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from components.extraction import Extraction, Found

_FORMS = {
    "personal_pension": r"个人养老金|personal pensions?(?: accounts?)?",
    "medical": r"(?:城乡居民|居民|职工)?(?:基本)?(?:医疗保险|医保)|新农合|medical insurance|"
    "health insurance|health cover",
    "injury": r"工伤保险|工伤|职业伤害保障|职业伤害|职伤|(?:work|occupational|employment)[- ]injur(?:y|"
    "ies)(?: insurance| protection)?|injury insurance",
    "unemployment": r"失业保险金|失业保险|失业金|失业补助金|unemployment (?:insurance|benefits?|pay|money)",
    "maternity": r"生育保险|生育津贴|产假工资|maternity (?:insurance|allowance|benefits?|pay|leave)",
    "resident": r"城乡居民(?:基本)?养老保险|居民养老(?:保险)?|居民社保|城乡居民保险|城居保|居保|新农保|"
    "农保|农村养老保险|"
    r"resident(?:s'?)? (?:pensions?|schemes?|insurance)|rural pensions?|village pensions?",
    "employee": r"(?:企业|城镇)?职工(?:基本)?养老(?:保险)?|职工社保|职工保险|单位社保|公司社保|"
    r"employees?'? (?:pensions?|schemes?|insurance)|urban employees?(?: pensions?)?",
    "flexible": r"灵活就业(?:人员)?(?:社保|养老保险)?|灵活人员|灵活社保|flexible[- ](?:workers?|"
    "employment|work)(?: schemes?| insurance)?|flexibly employed",
}
_PATTERN = re.compile("|".join(f"(?P<{slug}>{forms})" for slug, forms in _FORMS.items()))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SchemeExtractor(Extraction):
    """Entity `scheme`."""

    def find(self, text: str) -> list[Found]:
        """See `Extraction.find`."""
        return [Found("scheme", m.start(), m.end(), m.lastgroup or "") for m in _PATTERN.finditer(text)]
