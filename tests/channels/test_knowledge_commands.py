"""`shebao knowledge check | preview`: quick looks at the folder, without a model and without an index."""

# ruff: noqa: E501 - one row of a table is one line

import json
from pathlib import Path

import pytest

from tests.channels.staff_world import Staff
from tests.folders import article, change

TRANSFER, AMOUNT, OLD = "transfer/between-provinces", "contribution/monthly-amount", "pension/old-rule"


# preview


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((TRANSFER,), ["不会丢，年限合在一起算。", "先在新地方交上", "→ 打12333问一下", "示例法 例〔2010〕1号", "说详细点", "没帮上"]),
        ((TRANSFER, "--lang", "en"), ["Nothing is lost", "Pay in the new place first", "→ Call 12333 and ask"]),
        ((AMOUNT, "--region", "CN-ZJ"), ["997.2元", "浙江"]),
        ((AMOUNT, "--region", "CN-SH", "--on", "2026-11-23"), ["1509.2元"]),
        (("pension/minimum-years", "--on", "2030-01-01"), ["15年零6个月"]),
        (("pension/minimum-years", "--on", "2029-12-31"), ["现在最少要交15年。"]),
        ((OLD, "--on", "2022-06-01"), ["那时候上海比全国交得多。"]),
        ((TRANSFER,), ["2026-11-23核对过"]),
    ],
)  # fmt: skip
def test_an_article_is_shown_as_that_worker_reads_it(staff: Staff, words: tuple[str, ...], shown: list[str]) -> None:
    said = staff.run("preview", *words)
    assert said.code == 0
    assert [part for part in shown if part not in said.out] == []


def test_what_the_web_chat_gets_is_json(staff: Staff) -> None:
    said = staff.run("preview", AMOUNT, "--channel", "web", "--region", "CN-ZJ", "--lang", "en")
    (reply,) = json.loads(said.out)["replies"]
    assert (reply["outcome"], reply["article_id"], reply["region"]) == ("answered", AMOUNT, "CN-ZJ")
    assert "997.2 yuan" in reply["text"]
    assert [button["payload"].split("{")[0] for button in reply["buttons"]] == ["/helpful", "/unhelpful"]


def test_the_longer_part_repeats_no_next_steps(staff: Staff) -> None:
    assert staff.run("preview", TRANSFER).out.count("→ 打12333问一下") == 1


def test_a_look_builds_no_index(staff: Staff) -> None:
    staff.run("preview", TRANSFER)
    assert not staff.state.exists()


def test_the_saved_file_is_what_is_shown(staff: Staff) -> None:
    change(article(staff.folder, TRANSFER), "不会丢，", "[放心]丢不了，")
    assert "[放心]丢不了，" in staff.run("preview", TRANSFER).out


def test_an_article_that_held_then_is_not_shown_for_today(staff: Staff) -> None:
    assert "那时候上海比全国交得多" not in staff.run("preview", OLD).out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("no/such",), "there is no article 'no/such'; `ls knowledge/articles/*` shows the ids"),
        ((TRANSFER, "--lang", "de"), "--lang 'de' is not known; zh and en are accepted"),
        ((TRANSFER, "--channel", "fax"), "--channel 'fax' is not known; terminal and web are accepted"),
        ((TRANSFER, "--region", "CN-XX"), "--region 'CN-XX' is not known; a code of knowledge/regions.yml"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_line(staff: Staff, words: tuple[str, ...], message: str) -> None:
    assert message in staff.fails("preview", *words)


def test_a_broken_folder_is_told_in_one_line(staff: Staff) -> None:
    change(article(staff.folder, TRANSFER), "# en", "# fr")
    assert "between-provinces.md: missing language: there is no '# en' section" in staff.fails("preview", AMOUNT)


def test_a_day_that_is_none_is_refused(staff: Staff) -> None:
    said = staff.run("preview", TRANSFER, "--on", "yesterday")
    assert said.code == 2
    assert "yesterday" in said.err


# check


def test_a_folder_in_order_passes(staff: Staff) -> None:
    said = staff.run("check")
    assert said.code == 0
    assert "0 errors" in said.out


def test_an_error_is_told_with_its_file_and_fails(staff: Staff) -> None:
    change(article(staff.folder, TRANSFER), "sources: [example-law]", "sources: [no-law]")
    said = staff.run("check")
    assert said.code == 1
    assert f"error: articles/{TRANSFER}.md: source 'no-law' is not in sources.yml\n" in said.out
    assert "1 errors" in said.out


def test_the_problems_can_be_read_by_a_program(staff: Staff) -> None:
    change(article(staff.folder, TRANSFER), "confidence: verified", "confidence: unverified")
    assert {
        "severity": "warning",
        "path": f"articles/{TRANSFER}.md",
        "message": "confidence is unverified, so this article never answers",
    } in staff.run("check", "--json").json


def test_another_folder_can_be_checked(staff: Staff, tmp_path: Path) -> None:
    assert staff.run("check", str(staff.folder)).code == 0
    assert staff.fails("check", str(tmp_path / "nowhere")).endswith("is not a folder")
