"""Templates: which sentence stays, what figures become, and that a template can reach nothing else."""

from datetime import date
from pathlib import Path

import pytest

from actions.answering.answer import Language
from actions.answering.rendering import BrokenTemplate, Rendered, Renderer
from actions.parameters import Parameters

ON = date(2026, 11, 23)
RATE = '{{ figure("contribution.flexible.rate") }}'
BASE = '{{ figure("contribution.base_lower") }}'


@pytest.fixture
def renderer(small_folder: Path) -> Renderer:
    table = small_folder / "parameters" / "injury" / "lump_sum.yml"
    table.parent.mkdir()
    table.write_text(
        "description: {zh: 补助, en: Lump sum}\nunit: months\nvalues:\n  CN:\n"
        '    2011-01-01: {value: {"1": 27, "10": 7}, source: example-law, confidence: verified}\n',
        encoding="utf-8",
    )
    return Renderer(Parameters.load(small_folder / "parameters"))


HOLES = [
    ("zh", f"都一样，按{RATE}。你那边最少{BASE}。打12333问。", None, "都一样，按20%。打12333问。"),
    (
        "zh",
        f"都一样，按{RATE}。你那边最少{BASE}。打12333问。",
        "CN-ZJ",
        "都一样，按20%。你那边最少4986元。打12333问。",
    ),
    ("zh", f"最少{BASE}！真的？是的。", None, "真的？是的。"),
    ("zh", f"第一行\n最少{BASE}\n第三行", None, "第一行\n第三行"),
    ("zh", f"最少{BASE}，所以{RATE}也没用。", None, ""),
    ("en", f"You pay {RATE}. At least {BASE} a month. Ask 12333.", None, "You pay 20%. Ask 12333."),
    (
        "en",
        f"You pay {RATE}. At least {BASE} a month. Ask 12333.",
        "CN-ZJ",
        "You pay 20%. At least 4,986 yuan a month. Ask 12333.",
    ),
    ("en", f"At least {BASE}! Sure? Yes.", None, "Sure? Yes."),
    ("en", f"See si.12333.gov.cn for it. At least {BASE}.", None, "See si.12333.gov.cn for it."),
    ("en", f"- one\n- at least {BASE}\n- three", None, "- one\n- three"),
]


@pytest.mark.parametrize(("language", "template", "region", "text"), HOLES)
def test_a_missing_figure_takes_only_its_own_sentence(
    renderer: Renderer, language: Language, template: str, region: str | None, text: str
) -> None:
    assert renderer.render(template, language, region, ON).text == text


def test_what_is_missing_and_what_was_used_is_told(renderer: Renderer) -> None:
    rendered = renderer.render(f"按{RATE}。最少{BASE}。", "zh", None, ON)
    assert [figure.name for figure in rendered.figures] == ["contribution.flexible.rate"]
    assert (rendered.missing, rendered.dropped) == (("contribution.base_lower",), 1)


def test_a_figure_used_twice_is_cited_once(renderer: Renderer) -> None:
    assert len(renderer.render(f"按{RATE}，就是{RATE}。", "zh", None, ON).figures) == 1


def test_a_template_without_figures_is_itself(renderer: Renderer) -> None:
    assert renderer.render("年限合在一起算。", "zh", "CN-ZJ", ON) == Rendered("年限合在一起算。", (), ())


PRODUCT = '(figure("contribution.base_lower") * figure("contribution.flexible.rate"))'
ARITHMETIC = [
    (f"{{{{ {PRODUCT} }}}}", "997.2元"),
    (f"{{{{ {PRODUCT} | yuan }}}}", "997.2元"),
    ('{{ figure("contribution.flexible.rate") * figure("contribution.base_lower") }}', "997.2元"),
    ('{{ figure("contribution.base_lower") * 12 }}', "59832元"),
    ('{{ 12 * figure("contribution.base_lower") }}', "59832元"),
    ('{{ figure("contribution.base_lower") + figure("contribution.base_lower") }}', "9972元"),
    ('{{ figure("contribution.flexible.rate") - figure("contribution.pool_share") }}', "8%"),
    ('{{ figure("contribution.flexible.rate") | number }}', "20"),
    ('{{ figure("contribution.flexible.rate") | percent }}', "20%"),
    ('{{ figure("contribution.base_lower") | number }}', "4986"),
]


@pytest.mark.parametrize(("template", "text"), ARITHMETIC)
def test_arithmetic_gives_the_figure_of_the_place(renderer: Renderer, template: str, text: str) -> None:
    assert renderer.render(template, "zh", "CN-ZJ", ON).text == text


@pytest.mark.parametrize("template", [row[0] for row in ARITHMETIC if "base_lower" in row[0]])
def test_arithmetic_with_a_missing_figure_is_missing(renderer: Renderer, template: str) -> None:
    rendered = renderer.render(f"甲。{template}。乙。", "zh", None, ON)
    assert rendered.text == "甲。乙。"
    assert rendered.missing == ("contribution.base_lower",)


def test_a_product_cites_the_sources_of_both_figures(renderer: Renderer) -> None:
    (figure,) = renderer.render(f"{{{{ {PRODUCT} }}}}", "zh", "CN-ZJ", ON).figures
    assert set(figure.sources) == {"example-notice", "example-law"}


@pytest.mark.parametrize(
    ("region", "text"),
    [("CN-SH", "上海的。"), ("CN-GD.shenzhen", "广东的。"), ("CN-GD", "广东的。"), ("CN-ZJ", ""), (None, "")],
)
def test_region_is_holds_for_a_place_and_its_cities(renderer: Renderer, region: str | None, text: str) -> None:
    shanghai = '{% if region_is("CN-SH") %}上海的。{% endif %}'
    template = shanghai + '{% if region_is("CN-GD", "CN-HI") %}广东的。{% endif %}'
    assert renderer.render(template, "zh", region, ON).text == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{{ figure("injury.lump_sum", key="10") }}', "7个月"),
        ('{{ figure("injury.lump_sum", key=1) }}', "27个月"),
        ('{{ figure("injury.lump_sum", key="11") }}', ""),
        ('{{ figure("contribution.flexible.rate", region="CN-SH", on="2024-02-29") }}', "24%"),
        ('{{ figure("contribution.flexible.rate", region="CN-SH") }}', "20%"),
        ('{{ figure("pension.minimum_years", on="2030-01-01") }}', "15年零6个月"),
        ('{{ figure("pension.minimum_years", on="2029-12-31") }}', "15年"),
    ],
)
def test_row_place_and_day_can_be_fixed_in_the_template(renderer: Renderer, template: str, text: str) -> None:
    assert renderer.render(template, "zh", None, ON).text == text


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ ''.__class__ }}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{ figure.__globals__ }}",
    "{{ figure.__closure__ }}",
    "{{ region_is.__func__ }}",
    "{{ figure('contribution.flexible.rate')._use }}",
    "{{ figure('contribution.flexible.rate').__class__ }}",
    "{{ figure('contribution.flexible.rate').figure.__class__ }}",
    "{{ self.__init__ }}",
    "{{ '%s' | attr('__class__') }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ cycler.__init__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ config }}",
    "{{ range(3) }}",
    "{% include 'x' %}",
    "{% import 'os' as os %}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_a_template_cannot_reach_beyond_its_figures(renderer: Renderer, template: str) -> None:
    with pytest.raises(BrokenTemplate):
        renderer.render(template, "zh", None, ON)


BROKEN = [
    "{{ figure( }}",
    "{% if %}",
    "{% if region_is('CN') %} no end",
    "{{ unknown }}",
    "{{ figur('a.b') }}",
    "{{ figure() }}",
    "{{ figure('contribution.flexible.rate') | nosuchfilter }}",
    "{{ 12 | percent }}",
    "{{ figure('contribution.flexible.rate') * 'x' }}",
    "{{ figure('contribution.flexible.rate') * 1.5 }}",
    "{{ figure('contribution.flexible.rate') / 2 }}",
    "{{ figure('contribution.flexible.rate', on='someday') }}",
    "{{ 1 / 0 }}",
    "{{ [][1] }}",
    "{{ {}['a'] }}",
]


@pytest.mark.parametrize("template", BROKEN)
def test_a_broken_template_is_told_as_such(renderer: Renderer, template: str) -> None:
    with pytest.raises(BrokenTemplate) as error:
        renderer.render(template, "zh", None, ON)
    assert str(error.value)


def test_markup_in_a_template_is_only_text(renderer: Renderer) -> None:
    assert renderer.render("<b>a & b</b>", "en", None, ON).text == "<b>a & b</b>"
