"""Which place a text is about, in the words that workers use; the real gazetteer."""

from pathlib import Path

import pytest

from actions.answering.regions import Regions

ABOUT = [
    ("浙江最低交多少", "CN-ZJ"),
    ("我在浙江省", "CN-ZJ"),
    ("杭州最低交多少", "CN-ZJ.hangzhou"),
    ("浙江杭州最低交多少", "CN-ZJ.hangzhou"),
    ("杭州余杭送外卖", "CN-ZJ.hangzhou"),
    ("魔都交社保贵吗", "CN-SH"),
    ("羊城送外卖", "CN-GD.guangzhou"),
    ("深圳龙岗跑滴滴", "CN-GD.shenzhen"),
    ("how much in Zhejiang", "CN-ZJ"),
    ("how much in SHANGHAI?", "CN-SH"),
    ("i live in shenzhen, guangdong", "CN-GD.shenzhen"),
    ("Xi'an lowest base", "CN-SN.xian"),
    ("inner mongolia", "CN-NM"),
    ("从四川到浙江，以前的年数还算吗", "CN-ZJ"),
    ("以前在四川交的，现在在浙江", "CN-ZJ"),
    ("我从河南来了上海", "CN-SH"),
    ("from Sichuan to Zhejiang, what happens", "CN-ZJ"),
    ("worked in Hunan, now in Beijing", "CN-BJ"),
    ("上海和北京哪个高", None),
    ("浙江江苏都交过", None),
    ("一个月交多少", None),
    ("how do i join", None),
    ("", None),
    ("川流不息", None),  # a one-character short form inside a word is no place
    ("the canton fair", "CN-GD.guangzhou"),
    ("sianide", None),  # a name inside a longer word is no place
    ("重庆的，老家四川", None),
]


@pytest.fixture(scope="module")
def regions(real_knowledge: Path) -> Regions:
    return Regions.load(real_knowledge / "regions.yml")


@pytest.mark.parametrize(("text", "code"), ABOUT)
def test_the_place_a_text_is_about(regions: Regions, text: str, code: str | None) -> None:
    assert regions.the_one_in(text) == code


def test_every_place_is_found_by_its_own_name(regions: Regions) -> None:
    lost = [
        (code, name)
        for code, region in regions.all.items()
        for name in (region.name.zh, region.name.en)
        if not any(m.code == code or m.code.startswith(f"{code}.") for m in regions.mentions(name))
    ]
    assert lost == []


def test_every_form_leads_to_one_place(regions: Regions) -> None:
    owners: dict[str, set[str]] = {}
    for code, region in regions.all.items():
        for form in (region.name.zh, region.name.en, *region.also.zh, *region.also.en):
            owners.setdefault(form.lower(), set()).add(code)
    assert {form: codes for form, codes in owners.items() if len(codes) > 1} == {}


def test_a_mention_says_where_it_stands(regions: Regions) -> None:
    (mention,) = regions.mentions("我在浙江省交")
    assert (mention.start, mention.end) == (2, 5)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("CN-ZJ", "浙江", "Zhejiang"),
        ("CN-GD.shenzhen", "深圳", "Shenzhen"),
        ("CN", "全国", "China"),
        ("CN-XX", "全国", "China"),
    ],
)
def test_a_place_is_called_what_workers_call_it(regions: Regions, code: str, zh: str, en: str) -> None:
    assert (regions.name(code, "zh"), regions.name(code, "en")) == (zh, en)


def test_the_nation_and_the_listed_places_are_known_and_no_others(regions: Regions) -> None:
    assert "CN" in regions
    assert "CN-ZJ.hangzhou" in regions
    assert "CN-XX" not in regions


def test_every_city_lies_in_a_listed_province(regions: Regions) -> None:
    assert {code for code in regions.all if code.split(".")[0] not in regions.all} == set()


def test_there_are_all_provinces_and_sixty_cities(regions: Regions) -> None:
    assert sum("." not in code for code in regions.all) == 31
    assert sum("." in code for code in regions.all) >= 60
