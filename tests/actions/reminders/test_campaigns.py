"""Campaign files: what they are refused for, what keeps them from running, and whom they find."""

import re
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.reminders.audience import COUNTS, MONTHS_AND_DAYS, PLACES
from actions.reminders.campaign_message import CAMPAIGN_VALUES
from actions.reminders.campaign_reading import InvalidCampaign, read_campaign, read_campaigns
from actions.reminders.campaigns import Campaign, CampaignState, NotRunnable
from actions.reminders.facts import FORMS
from actions.reminders.forgood import Forgood

ON = date(2026, 12, 1)
PLACEHOLDERS = frozenset({"amount", "place"})
CAMPAIGNS = Path(__file__).resolve().parents[3] / "actions/reminders/campaigns"
REFUSED: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "tables/campaigns_refused.yml").read_text(encoding="utf-8")
)


def good() -> dict[str, Any]:
    """A campaign that lacks nothing, as YAML has it."""
    raw: dict[str, Any] = yaml.safe_load(
        """
        id: good
        title: {zh: 好的活动, en: A good one}
        starts_on: 2026-12-01
        ends_on: 2026-12-07
        at: "10:00"
        latest: "18:00"
        priority: 40
        audience: {scheme: [flexible], months_paid: {at_least: 12}}
        treatments:
          plain:
            share: 0.5
            text: {zh: 你可以现在就交。, en: You can pay now.}
            brief: {zh: 现在就可以交。, en: You can pay now.}
            next_step: {title: {zh: 看看, en: Have a look}, payload: '/simulate{"kind": "gap"}'}
        control: 0.5
        outcome: {paid_within_days: 14, counts: {zh: 自己说交了, en: They told us so}}
        smallest_effect: 3
        owner: Team for contributions
        approver: Ethics desk
        approved_on: 2026-11-27
        """
    )
    questions = ("fairness", "openness", "respect", "goals", "opinions", "options", "delegation")
    raw["forgood"] = {name: f"What we have thought about {name} and agreed among us." for name in questions}
    return raw


def changed(row: dict[str, Any]) -> dict[str, Any]:
    raw = deepcopy(good())
    for place, value in row.get("change", {}).items():
        *path, last = place.split(".")
        inside = raw
        for part in path:
            inside = inside[part]
        inside[last] = value
    for place in row.get("remove", []):
        *path, last = place.split(".")
        inside = raw
        for part in path:
            inside = inside[part]
        del inside[last]
    return raw


def read(tmp_path: Path, raw: dict[str, Any]) -> Campaign:
    path = tmp_path / "good.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return read_campaign(path, PLACEHOLDERS)


@pytest.mark.parametrize("row", REFUSED["unreadable"], ids=lambda row: row["name"])
def test_a_file_that_breaks_the_format_is_told_where_and_what_is_accepted(row: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InvalidCampaign) as refused:
        read(tmp_path, changed(row))
    assert all(problem.startswith("good.yml: ") for problem in refused.value.problems)
    for words in row["says"]:
        assert words in str(refused.value)


@pytest.mark.parametrize("row", REFUSED["not_runnable"], ids=lambda row: row["name"])
def test_a_draft_is_read_and_does_not_run(row: dict[str, Any], tmp_path: Path) -> None:
    campaign = read(tmp_path, changed(row))
    with pytest.raises(NotRunnable) as refused:
        campaign.runnable(ON)
    assert campaign.state(ON) is CampaignState.DRAFT
    assert len(refused.value.reasons) == len(row["says"])
    for reason, words in zip(refused.value.reasons, row["says"], strict=True):
        assert words in reason


def test_every_refusal_of_the_table_is_its_own() -> None:
    names = [row["name"] for rows in REFUSED.values() for row in rows]
    assert len(names) == len(set(names)) >= 60


def test_a_complete_campaign_runs_within_its_dates_only(tmp_path: Path) -> None:
    campaign = read(tmp_path, good())
    days = {date(2026, 11, 30): CampaignState.READY, ON: CampaignState.RUNNING, date(2026, 12, 8): CampaignState.OVER}
    assert {day: campaign.state(day) for day in days} == days
    campaign.runnable(ON)
    campaign.runnable(date(2026, 12, 7))
    with pytest.raises(NotRunnable, match="it begins on 2026-12-01"):
        campaign.runnable(date(2026, 11, 30))
    with pytest.raises(NotRunnable, match="it ended on 2026-12-07"):
        campaign.runnable(date(2026, 12, 8))


def test_a_changed_copy_is_judged_anew(tmp_path: Path) -> None:
    campaign = read(tmp_path, good())
    assert campaign.state(ON) is CampaignState.RUNNING
    assert campaign.model_copy(update={"approver": ""}).state(ON) is CampaignState.DRAFT
    assert campaign.state(ON) is CampaignState.RUNNING


def test_an_approval_of_this_very_text_holds(tmp_path: Path) -> None:
    fingerprint = read(tmp_path, good()).fingerprint
    approved = read(tmp_path, good() | {"approved_as": fingerprint})
    approved.runnable(ON)
    assert approved.fingerprint == fingerprint


def test_a_changed_word_changes_the_fingerprint(tmp_path: Path) -> None:
    before = read(tmp_path, good()).fingerprint
    row = {"change": {"treatments.plain.text.en": "You may pay now."}}
    assert read(tmp_path, changed(row)).fingerprint != before


def test_all_problems_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(good() | {"id": name, "priority": -1}), encoding="utf-8")
    (tmp_path / "three.yml").write_text("id: [", encoding="utf-8")
    with pytest.raises(InvalidCampaign) as refused:
        read_campaigns(tmp_path, PLACEHOLDERS)
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["one.yml", "three.yml", "two.yml"]


def test_a_file_with_another_ending_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("id: good\n", encoding="utf-8")
    with pytest.raises(InvalidCampaign, match=r"good\.yaml: is not read; accepted: a name that ends in \.yml"):
        read_campaigns(tmp_path, PLACEHOLDERS)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yml").write_text("- a\n- b\n", encoding="utf-8")
    with pytest.raises(InvalidCampaign, match=r"list\.yml: file: "):
        read_campaign(tmp_path / "list.yml", PLACEHOLDERS)


def test_a_day_that_no_calendar_has_is_told_and_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text("id: good\nends_on: 2026-02-30\n", encoding="utf-8")
    with pytest.raises(InvalidCampaign, match=r"good\.yml: not readable YAML: day is out of range"):
        read_campaign(tmp_path / "good.yml", PLACEHOLDERS)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidCampaign, match=r"none\.yml: there is no such file"):
        read_campaign(tmp_path / "none.yml", PLACEHOLDERS)


def test_the_campaigns_of_the_project_are_well_and_the_example_is_a_draft() -> None:
    campaigns = {campaign.id: campaign for campaign in read_campaigns(CAMPAIGNS, CAMPAIGN_VALUES)}
    example = campaigns["back-after-a-break"]
    assert example.state(example.starts_on) is CampaignState.DRAFT
    assert sorted(reason.split(" ")[0] for reason in example.gaps(example.starts_on)) == ["approved_on", "approver"]


def test_the_guide_for_staff_names_every_key() -> None:
    guide = (CAMPAIGNS / "README.md").read_text(encoding="utf-8")
    assert [key for key in Campaign.model_fields if f"`{key}`" not in guide] == []


def test_the_document_lists_what_a_text_can_be_filled_with() -> None:
    document = (CAMPAIGNS.parents[2] / "docs/campaigns.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`\{([a-z_]+)\}`", document))
    assert listed == CAMPAIGN_VALUES


def test_the_document_explains_every_question_of_the_ethics_form() -> None:
    document = (CAMPAIGNS.parents[2] / "docs/campaigns.md").read_text(encoding="utf-8")
    assert [name for name in Forgood.model_fields if f"| `{name}` |" not in document] == []


AUDIENCES: list[tuple[str, dict[str, Any], dict[str, str], bool]] = [
    ("one of the values", {"scheme": ["flexible", "none"]}, {"scheme": "none"}, True),
    ("another value", {"scheme": ["flexible"]}, {"scheme": "employee"}, False),
    ("a value that is not known", {"scheme": ["flexible"]}, {}, False),
    ("a city of the province", {"region": ["CN-GD"]}, {"region": "CN-GD.shenzhen"}, True),
    ("the province of a city", {"region": ["CN-GD.shenzhen"]}, {"region": "CN-GD"}, False),
    ("anywhere in China", {"region": ["CN"]}, {"region": "CN-ZJ"}, True),
    ("a count at its lower limit", {"months_paid": {"at_least": 12}}, {"months_paid": "12"}, True),
    ("a count below its lower limit", {"months_paid": {"at_least": 12}}, {"months_paid": "11"}, False),
    ("counts are no texts", {"months_paid": {"at_least": 12}}, {"months_paid": "100"}, True),
    ("a count at its upper limit", {"months_paid": {"at_most": 180}}, {"months_paid": "180"}, True),
    ("a count above its upper limit", {"months_paid": {"at_most": 180}}, {"months_paid": "181"}, False),
    ("a count that is not known", {"months_paid": {"at_most": 180}}, {}, False),
    ("a month at its limit", {"last_paid": {"at_most": "2026-10"}}, {"last_paid": "2026-10"}, True),
    ("a month after its limit", {"last_paid": {"at_most": "2026-10"}}, {"last_paid": "2026-11"}, False),
    ("a day as YAML reads it", {"moved_on": {"at_least": date(2026, 1, 1)}}, {"moved_on": "2026-01-01"}, True),
    ("a bare yes as YAML reads it", {"injury_reported": [True]}, {"injury_reported": "yes"}, True),
    ("known", {"rhythm": "known"}, {"rhythm": "monthly"}, True),
    ("known, but is not", {"rhythm": "known"}, {}, False),
    ("forgotten is not known", {"rhythm": "known"}, {"rhythm": ""}, False),
    ("unknown", {"gender": "unknown"}, {}, True),
    ("unknown, but is known", {"gender": "unknown"}, {"gender": "man"}, False),
    ("all must hold", {"scheme": ["flexible"], "rhythm": "known"}, {"scheme": "flexible"}, False),
]


@pytest.mark.parametrize(("name", "audience", "facts", "fits"), AUDIENCES, ids=[row[0] for row in AUDIENCES])
def test_an_audience_is_who_meets_every_condition(
    name: str, audience: dict[str, Any], facts: dict[str, str], fits: bool, tmp_path: Path
) -> None:
    assert read(tmp_path, good() | {"audience": audience}).fits(facts) is fits


def test_the_facts_with_an_order_or_a_place_are_facts() -> None:
    assert set(FORMS) >= COUNTS | MONTHS_AND_DAYS | PLACES
