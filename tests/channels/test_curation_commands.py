"""`shebao knowledge new | stale | gaps | diff | coverage`: what staff read, what programs read, how mistakes end."""

import shutil
from pathlib import Path

import pytest
import yaml

from actions.answering.coverage import FILE, PAGE
from tests.channels.staff_world import Staff
from tests.folders import article, change

TRANSFER, AMOUNT, YEARS = "transfer/between-provinces", "contribution/monthly-amount", "pension/minimum-years"
HEAT = ("new", "injury/heat-pay", "--zh", "高温补贴有没有", "--en", "Pay for work in great heat")
NO_SOURCE = "unanswerable_no_source"


# new


def test_a_new_article_is_written_and_passes_the_check(staff: Staff) -> None:
    said = staff.run(*HEAT, "--source", "example-law")
    assert said.code == 0
    assert said.out == f"written: {article(staff.folder, 'injury/heat-pay')}\n"
    checked = staff.run("check")
    assert checked.code == 0
    assert "0 errors" in checked.out


def test_an_article_is_begun_once(staff: Staff) -> None:
    staff.run(*HEAT, "--source", "example-law")
    change(article(staff.folder, "injury/heat-pay"), "先用一两句话", "已经写好了。先用一两句话")
    assert "exists already" in staff.fails(*HEAT, "--source", "example-law")
    assert "已经写好了" in article(staff.folder, "injury/heat-pay").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--source", "no-law"), "--source 'no-law' is not in sources.yml; add it there first"),
        ((), "--source 'ilo-2022' is not in sources.yml"),
        (("--source", "example-law", "--region", "CN-XX"), "--region 'CN-XX' is not known; CN or a code of"),
        (("--source", "example-law", "--region", "浙江"), "--region '浙江' is not known"),
    ],
)
def test_a_new_article_needs_a_known_source_and_place(staff: Staff, words: tuple[str, ...], message: str) -> None:
    assert message in staff.fails(*HEAT, *words)
    assert not article(staff.folder, "injury/heat-pay").exists()


@pytest.mark.parametrize("article_id", ["heat-pay", "Injury/heat", "../heat/pay", "injury/高温"])
def test_a_bad_id_is_refused_in_one_line(staff: Staff, article_id: str) -> None:
    told = staff.fails("new", article_id, "--zh", "x", "--en", "y", "--source", "example-law")
    assert f"{article_id!r} is no id" in told


# stale


def test_what_needs_a_look_is_listed_with_its_use(staff: Staff) -> None:
    overdue(staff.folder, TRANSFER)
    for who in ("ann", "bo", "cy"):
        staff.asked("跨省转移怎么转", "answered", TRANSFER, who)
        staff.judged(TRANSFER, False, "wrong", who)
    row = staff.run("stale", "--json").json[0]
    assert (row["article_id"], row["answers"], row["helpful"], row["unhelpful"]) == (TRANSFER, 3, 0, 3)
    assert row["review_by"] == "2020-01-02"
    assert row["why"][-1] == "3 of 3 said it did not help (wrong 3)"
    assert row["why"][0].startswith("review was due ")


def test_only_the_last_days_are_counted(staff: Staff) -> None:
    overdue(staff.folder, TRANSFER)
    for days in (1, 6, 8):
        staff.asked("跨省转移怎么转", "answered", TRANSFER, days_ago=days)
    assert staff.run("stale", "--days", "7", "--json").json[0]["answers"] == 2
    assert staff.run("stale", "--json").json[0]["answers"] == 3


def test_the_table_for_people_names_article_and_days(staff: Staff) -> None:
    overdue(staff.folder, TRANSFER)
    staff.asked("跨省转移怎么转", "answered", TRANSFER)
    said = staff.run("stale", "--days", "7")
    assert said.code == 0
    assert "answers and verdicts of the last 7 days" in said.out
    assert "article" in said.out


def overdue(folder: Path, article_id: str) -> None:
    change(article(folder, article_id), "reviewed_on: 2026-11-23", "reviewed_on: 2020-01-01")
    change(article(folder, article_id), "review_by: 2027-05-23", "review_by: 2020-01-02")


# gaps


def test_open_questions_are_given_in_groups(staff: Staff) -> None:
    for who in ("ann", "bo"):
        staff.asked("夏天有没有高温补贴", NO_SOURCE, who=who)
    staff.asked("高温补贴有没有", NO_SOURCE, who="cy")
    staff.asked("工伤赔多少", NO_SOURCE, who="ann")
    staff.asked("跨省转移怎么转", "answered", TRANSFER, "ann")
    heat, injury = staff.run("gaps", "--json").json
    assert (heat["times"], heat["askers"]) == (3, 3)
    assert heat["examples"] == ["夏天有没有高温补贴", "高温补贴有没有"]
    assert injury["examples"] == ["工伤赔多少"]
    assert all(len(near) == 2 for near in heat["nearest"])


def test_an_answer_that_did_not_help_is_a_gap(staff: Staff) -> None:
    staff.asked("跨省转移怎么转", "answered", TRANSFER)
    staff.judged(TRANSFER, False)
    (gap,) = staff.run("gaps", "--json").json
    assert gap["examples"] == ["跨省转移怎么转"]
    assert gap["nearest"][0][0] == TRANSFER


@pytest.mark.parametrize(("words", "groups"), [((), 2), (("--top", "1"), 1), (("--days", "7"), 1)])
def test_how_many_groups_and_days_are_shown_can_be_chosen(staff: Staff, words: tuple[str, ...], groups: int) -> None:
    staff.asked("工伤赔多少", NO_SOURCE)
    staff.asked("夏天有没有高温补贴", NO_SOURCE, days_ago=8)
    assert len(staff.run("gaps", "--json", *words).json) == groups


def test_the_table_shows_the_words_as_they_were_asked_but_for_names(staff: Staff) -> None:
    staff.asked("我叫王小明 [/b] 工伤赔[phone]多少", NO_SOURCE)
    said = staff.run("gaps")
    assert said.code == 0
    assert "[/b] 工伤赔[phone]多少" in said.out
    assert "王小明" not in said.out


def test_no_open_question_is_said_plainly_and_needs_no_index(staff: Staff) -> None:
    staff.asked("跨省转移怎么转", "answered", TRANSFER)
    assert staff.run("gaps", "--json").json == []
    assert staff.run("gaps").out == "no open question in the last 30 days\n"
    assert not (staff.state / "index").exists()


@pytest.mark.parametrize("command", ["stale", "gaps"])
@pytest.mark.parametrize(
    "url", ["", "nonsense", "postgresql+asyncpg://postgres@127.0.0.1:1/x"], ids=["no tables", "no address", "no server"]
)
def test_a_log_that_cannot_be_read_is_told_in_one_line(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, command: str, url: str
) -> None:
    monkeypatch.setenv("SHEBAO_DATABASE_URL", url)
    told = staff.fails(command)
    assert told.startswith("the question log cannot be read (")
    assert told.endswith("`shebao database upgrade` makes its tables")


# diff


@pytest.fixture
def older(staff: Staff, tmp_path: Path) -> Path:
    """The folder as it was before the edits of a test."""
    copy = tmp_path / "older"
    shutil.copytree(staff.folder, copy)
    return copy


def test_a_folder_like_the_other_one_changes_nothing(staff: Staff, older: Path) -> None:
    assert staff.run("diff", str(older), "--json").json == {"flips": [], "answers": []}
    said = staff.run("diff", str(older), "--fail-on-worse")
    assert said.out == "0 answers read differently, 0 of 24 questions end differently\n"
    assert said.code == 0


def test_a_lost_article_is_told_and_can_stop_a_merge(staff: Staff, older: Path) -> None:
    article(staff.folder, YEARS).unlink()
    change(staff.folder / "life_events.yml", f"article: {YEARS}", f"article: {TRANSFER}")
    found = staff.run("diff", str(older), "--json").json
    assert {one["article_id"] for one in found["answers"]} == {YEARS}
    assert [flip["question"] for flip in found["flips"] if flip["better"] is False]
    assert staff.run("diff", str(older)).code == 0
    said = staff.run("diff", str(older), "--fail-on-worse")
    assert said.code == 1
    assert "WORSE: " in said.out
    assert "(no such article)" in said.out


def test_an_edit_that_makes_nothing_worse_passes(staff: Staff, older: Path) -> None:
    change(article(staff.folder, TRANSFER), "不会丢，", "[放心]丢不了，")
    said = staff.run("diff", str(older), "--fail-on-worse")
    assert said.code == 0
    assert f"{TRANSFER} (zh) reads differently: -, CN\n" in said.out
    assert "now:    [放心]丢不了，" in said.out


def test_a_folder_outside_the_repository_needs_another_folder(staff: Staff) -> None:
    told = staff.fails("diff", "HEAD")
    assert told.startswith("'HEAD' is no folder, and ")
    assert told.endswith("is not in the project's repository: name a folder")


def test_a_revision_that_does_not_exist_is_refused(
    staff: Staff, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEBAO_KNOWLEDGE_DIR", str(project / "tests" / "example_knowledge"))
    for revision in ("no-such-revision", "--output=/tmp/x"):
        told = staff.fails("diff", "--", revision)
        assert told.startswith(f"{revision!r} is neither a folder nor a revision of this repository")


def test_another_folder_that_is_no_knowledge_is_told_in_one_line(staff: Staff, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert staff.fails("diff", str(tmp_path / "empty")).startswith("the version to compare with cannot be read: ")


def test_a_broken_set_of_questions_is_told_in_one_line(staff: Staff, older: Path) -> None:
    staff.run("index")
    (staff.folder / "evaluation" / "test-zh.yml").write_text("split: exam\n", encoding="utf-8")
    assert "test-zh.yml: " in staff.fails("diff", str(older))


# coverage


def test_the_page_of_the_coverage_is_written(staff: Staff) -> None:
    chapters = [{"chapter": "1", "parts": [{"part": "1.1", "heading": "Years", "articles": [YEARS]}]}]
    (staff.folder / FILE).write_text(yaml.safe_dump(chapters), encoding="utf-8")
    assert staff.run("check").code == 1
    assert staff.run("coverage").out == f"written: {staff.folder / PAGE}\n"
    assert f"[{YEARS}](articles/{YEARS}.md)" in (staff.folder / PAGE).read_text(encoding="utf-8")
    assert staff.run("check").code == 0


def test_a_broken_coverage_writes_no_page(staff: Staff) -> None:
    (staff.folder / FILE).write_text("- chapter: '1'\n  parts: []\n", encoding="utf-8")
    assert "coverage.yml: 0.parts: " in staff.fails("coverage")
    assert not (staff.folder / PAGE).exists()
