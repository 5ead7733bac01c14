"""What is taken out of a message before anybody keeps it, and what must stay because it is the question."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from actions.privacy import mask

# Made-up numbers; 11010519491231002X is the example of the standard itself.
MASKED = [
    ("my id is 11010519491231002X", "my id is [id_number]"),
    ("身份证11010519491231002X帮我查", "身份证[id_number]帮我查"),
    ("身份证11010519491231002x", "身份证[id_number]"),
    ("110105 19491231 002X", "[id_number]"),
    ("110105-19491231-002X", "[id_number]"),
    ("１１０１０５１９４９１２３１００２Ｘ", "[id_number]"),
    ("110105194912310021", "[id_number]"),  # wrong check digit, plain birthday: still somebody's number
    ("老号码 110105491231002 还能用吗", "老号码 [id_number] 还能用吗"),
    ("13812345678", "[phone]"),
    ("打我电话13812345678谢谢", "打我电话[phone]谢谢"),
    ("138 1234 5678", "[phone]"),
    ("138-1234-5678", "[phone]"),
    ("138.1234.5678", "[phone]"),
    ("+8613812345678", "[phone]"),
    ("+86 138 1234 5678", "[phone]"),
    ("008613812345678", "[phone]"),
    ("86-13812345678", "[phone]"),
    ("１３８１２３４５６７８", "[phone]"),
    ("call 19912345678 now", "call [phone] now"),
    ("微信同号17012345678，", "微信同号[phone]，"),
    ("4111111111111111", "[bank_card]"),
    ("卡号4111 1111 1111 1111", "卡号[bank_card]"),
    ("4111-1111-1111-1111", "[bank_card]"),
    ("6222020000000000000", "[bank_card]"),
    ("card ４１１１１１１１１１１１１１１１", "card [bank_card]"),
    ("li.si@example.com", "[email]"),
    ("发我邮箱lisi_01@mail.example.com.cn吧", "发我邮箱[email]吧"),
    ("13812345678和11010519491231002X", "[phone]和[id_number]"),
    ("两个号13812345678、13912345678", "两个号[phone]、[phone]"),
    ("id 11010519491231002X, card 4111111111111111, a@b.cn", "id [id_number], card [bank_card], [email]"),
]

KEPT = [
    "打12333问",
    "call 12333 or 12345",
    "12356心理热线、120、110、122",
    "我一个月挣8500元",
    "工资12000，基数4986",
    "基数上限是37302",
    "I earn 8500 yuan a month",
    "交了15年，从2009到2024",
    "2024年3月1日开始的",
    "2024-03-01",
    "20240301",
    "2030-01-01起15年半",
    "国发〔2005〕38号",
    "人社部发〔2024〕94号",
    "1432.40元",
    "27,549 yuan",
    "房子买了1200000",
    "1985年10月生的",
    "我78岁，老婆66岁",
    "编号10086",
    "400-123-4567",
    "010-12345678",
    "订单号20261123000123",
    "12345678901234567",
    "1234567890123456",  # sixteen digits that fail Luhn
    "2023-01 4812 2024-01 4986 2025-01 5100",
    "@lisi 在吗",
    "60岁能领多少，50岁呢，45呢",
    "si.12333.gov.cn",
    "",
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_personal_numbers_are_masked(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize("text", KEPT)
def test_wages_years_dates_and_hotlines_stay(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).kinds == ()


def test_each_kind_that_was_found_is_named_once() -> None:
    assert set(mask("13812345678 13912345678 a@b.cn").kinds) == {"phone", "email"}


@pytest.mark.parametrize(("text", "_"), MASKED)
def test_masking_twice_changes_nothing_more(text: str, _: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


def test_a_number_is_masked_as_one_kind_only() -> None:
    assert mask("11010519491231002X").kinds == ("id_number",)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(some.text(alphabet="0123456789-. Xx+a@1３８①㍍ﬁ身"))
def test_masking_is_finished_after_one_time_whatever_is_typed(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once
