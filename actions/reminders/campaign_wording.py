"""The words of a campaign's reports, from `campaign_texts.yml`, in Chinese and English."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from actions.parameters import Bilingual
from actions.reminders.campaign_preflight import CampaignPreflight
from actions.reminders.campaign_report import TRAITS, Effect, GroupEffect, Report
from actions.reminders.campaigns import Campaign
from actions.reminders.effects import Difference
from actions.reminders.model import Language
from actions.reminders.power import POWER
from actions.reminders.small_groups import OTHERS

TEXTS = Path(__file__).with_name("campaign_texts.yml")
Texts = dict[str, Bilingual]


def read_texts(path: Path = TEXTS) -> Texts:
    """The words of the reports by name."""
    return TypeAdapter(Texts).validate_python(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


class CampaignWords:
    """Tells reports in one language."""

    def __init__(self, texts: Texts, language: Language) -> None:
        self._texts, self._language = texts, language

    def report(self, campaign: Campaign, found: Report, on: date) -> str:
        """The report in plain words. Before the last payment can count, it gives figures and no verdict."""
        return "\n".join(self._report(campaign, found, on))

    def preflight(self, checked: CampaignPreflight) -> str:
        """The check before the start in plain words."""
        return "\n".join(self._preflight(checked))

    def _say(self, name: str, **values: object) -> str:
        return self._texts[name].in_language(self._language).format(**values)

    def _report(self, campaign: Campaign, found: Report, on: date) -> Iterator[str]:
        yield self._say("report_title", title=campaign.title.in_language(self._language), on=on)
        complete_on = complete(campaign)
        if on < complete_on:
            yield self._say("running", complete_on=complete_on)
        if campaign.outcome:
            counts = campaign.outcome.counts.in_language(self._language)
            yield self._say("counts", days=campaign.outcome.paid_within_days, counts=counts)
        yield self._say("everybody")
        if found.control_workers is None:
            yield self._say("no_control", fewest=found.fewest)
            return
        yield self._say("control", workers=f"{found.control_workers:,}")
        yield from (self._say("uneven", arm=arm) for arm in found.uneven)
        for effect in found.effects:
            yield ""
            yield from self._effect(effect, campaign.smallest_effect, verdict=on >= complete_on)
        for arm in found.hidden:
            yield self._say("hidden_arm", arm=arm, fewest=found.fewest)
        for trait in TRAITS:
            yield ""
            yield self._say(f"groups_{trait}")
            yield from self._groups(found.groups[trait])

    def _effect(self, effect: Effect, smallest: float | None, *, verdict: bool) -> Iterator[str]:
        shares = {"treated": percent(effect.paid.treated), "control": percent(effect.paid.control)}
        yield self._say("arm", arm=effect.treatment, workers=f"{effect.workers:,}", sent=f"{effect.sent:,}", **shares)
        chances = {"chance": chance_of(effect.chance), "corrected": chance_of(effect.corrected)}
        yield self._say("interval", **_points(effect.paid), **chances)
        if verdict:
            yield from self._verdict(effect, smallest)
        for name, rate in (("opted_out", effect.opted_out), ("complained", effect.complained)):
            both = {"treated": percent(rate.treated), "control": percent(rate.control)}
            yield self._say(name, **both, **_points(rate))
        if effect.opted_out.low > 0 or effect.complained.low > 0:
            yield self._say("harm")

    def _verdict(self, effect: Effect, smallest: float | None) -> Iterator[str]:
        paid = effect.paid
        thousand = {"more_low": of_thousand(paid.low), "more_high": of_thousand(paid.high)}
        if effect.found:
            share = "" if effect.relative is None else self._say("relative", percent=percent(1 + effect.relative))
            more = of_thousand(paid.difference)
            name = "found_more" if more > 0 else "found_fewer"
            yield self._say(name, more=more, less=-more, relative=share, **thousand)
            return
        yield self._say("quiet", **thousand)
        if smallest is not None:
            ruled_out = paid.high * 100 < smallest
            yield self._say("quiet_ruled_out" if ruled_out else "quiet_open", smallest=f"{smallest:g}")

    def _groups(self, groups: tuple[GroupEffect, ...]) -> Iterator[str]:
        if not groups:
            yield self._say("groups_hidden")
        for one in groups:
            yield self._say(
                "group",
                group=self._name(one.group),
                arm=one.treatment,
                workers=f"{one.workers:,}",
                control_workers=f"{one.control_workers:,}",
                stop=f"{one.opted_out.difference * 100:+.1f}",
                **_points(one.paid),
            )
        if any(one.group == OTHERS for one in groups):
            yield self._say("others_note")

    def _name(self, group: str) -> str:
        return self._say(f"group_{group}") if f"group_{group}" in self._texts else group

    def _preflight(self, checked: CampaignPreflight) -> Iterator[str]:
        campaign, counts = checked.campaign, checked.counts
        yield self._say("preflight_title", title=campaign.title.in_language(self._language), on=checked.on)
        if checked.missing:
            yield self._say("may_not_run")
            yield from (self._say("reason", reason=reason) for reason in checked.missing)
        else:
            yield self._say("may_run", starts_on=campaign.starts_on, ends_on=campaign.ends_on)
        yield self._say("fingerprint", fingerprint=campaign.fingerprint)
        told = {"treated": f"{counts.treated:,}", "reaches": f"{checked.reaches:,}"}
        yield self._say("reaches", audience=f"{counts.audience:,}", **told)
        for reason, workers in counts.suppressed.items():
            yield self._say("suppressed", workers=f"{workers:,}", reason=self._say(f"reason_{reason}"))
        yield from self._cost(checked)
        yield from self._power(checked)

    def _cost(self, checked: CampaignPreflight) -> Iterator[str]:
        for channel, load in checked.counts.loads.items():
            values = {"channel": channel, "messages": f"{load.messages:,}", "segments": f"{load.segments:,}"}
            yield self._say("load_segments" if load.segments else "load", **values)
        yield from (self._say("cost_unknown", channel=channel) for channel in checked.unpriced)
        if checked.cost:
            yield self._say("cost", yuan=f"{checked.cost:,.2f}")

    def _power(self, checked: CampaignPreflight) -> Iterator[str]:
        known = checked.counts.baseline is not None
        yield self._say("baseline" if known else "baseline_unknown", baseline=percent(checked.baseline))
        if checked.needed is None or checked.power is None:
            return
        smallest = checked.campaign.smallest_effect or 0.0
        for arm, workers in checked.counts.arms.items():
            yield self._say("arm_size", arm=arm, workers=f"{workers:,}", needed=f"{checked.needed[arm]:,}")
        for arm, power in checked.power.items():
            yield self._say("power", arm=arm, smallest=f"{smallest:g}", power=f"{power:.0%}")
        reached = checked.reaches / checked.counts.treated if checked.counts.treated else 0.0
        if 0 < reached < 1:
            yield self._say("diluted", smallest=f"{smallest:g}", among_reached=f"{smallest / reached:.1f}")
        if checked.big_enough:
            yield self._say("big_enough")
            return
        total, found = f"{sum(checked.needed.values()):,}", checked.smallest_found
        name = "too_small_for_any" if found is None else "too_small"
        yield self._say(name, total=total, found=f"{(found or 0) * 100:.1f}", sure=f"{POWER:.0%}")


def complete(campaign: Campaign) -> date:
    """The first day on which nothing can change any more: every payment that counts has had its time."""
    days = campaign.outcome.paid_within_days if campaign.outcome else 0
    return campaign.ends_on + timedelta(days=days + 1)


def of_thousand(share: float) -> int:
    """Workers of 1,000."""
    return round(share * 1000)


def percent(share: float) -> str:
    """A share as 31.2%."""
    return f"{share:.1%}"


def chance_of(p: float) -> str:
    """A p-value as it is usually written."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _points(gap: Difference) -> dict[str, str]:
    return {name: f"{getattr(gap, name) * 100:+.1f}" for name in ("difference", "low", "high")}
