"""Injury without an employer: the national pilot for platform workers, local pilots, and private cover."""

from actions.simulator.benefits.findings import Found, amount_of, plain
from actions.simulator.estimate import Remark, Value
from actions.simulator.rules import Rules

FEES = ("ride_hailing", "delivery_low", "delivery_high", "freight")
LOCAL = ("wujiang_premium", "wujiang_subsidy", "wujiang_medical_ceiling", "wujiang_level", "local_rate")
COMMERCIAL = ("daily_fee", "death_ceiling", "medical_ceiling")


def platform(then: Rules, region: str) -> Found:
    """Orders of a platform: the platform pays a fee an order and the worker nothing; the level is not published.

    Ren She Bu Fa [2021] 110 and [2025] 24 (articles injury/platform-protection, injury/national-benefits).
    """
    found = Found(
        warnings=(Remark("pilot_level_not_published"), Remark("pilot_may_not_run_there", {"place": region})),
        alternatives=(Remark("pilot_report_in_app"), Remark("pilot_labour_relation")),
    )
    for trade in FEES:
        found += _told(then, f"injury.pilot.fee_{trade}", region, f"platform_fee_{trade}", "injury/national-fee")
    provinces = then.figure_if_known("injury.pilot.provinces", region)
    platforms = then.figure_if_known("injury.pilot.platforms", region)
    if provinces is not None and platforms is not None:
        counts: dict[str, Value] = {
            "provinces": plain(provinces),
            "platforms": plain(platforms),
            "since": provinces.since.isoformat(),
        }
        found += Found(assumptions=(Remark("pilot_size", counts),))
    return found


def local_pilot(then: Rules, region: str) -> Found:
    """Schemes that a few cities opened to flexible workers, where their figures are in the parameters.

    Report of 2022, Table 7 (articles injury/pilot-wujiang, injury/pilot-weifang, injury/pilot-nantong).
    """
    found = Found()
    for name in LOCAL:
        found += _told(then, f"injury.pilot.{name}", region, name, "injury/pilots-compared")
    return found + Found(warnings=(Remark("local_pilot_is_old"),)) if found.amounts else found


def without_cover(then: Rules) -> Found:
    """Neither an employer nor a platform: no public cover, only a private policy; one policy's figures as an example.

    Articles injury/flexible-cannot-join, injury/commercial-limits.
    """
    found = Found(
        warnings=(Remark("no_public_cover"), Remark("commercial_example_only")),
        alternatives=(Remark("check_labour_relation"), Remark("commercial_policy")),
    )
    for name in COMMERCIAL:
        found += _told(then, f"injury.commercial.{name}", "CN", f"commercial_{name}", "injury/commercial-limits")
    return found


def _told(then: Rules, name: str, region: str, key: str, article: str) -> Found:
    figure = then.figure_if_known(name, region)
    return Found() if figure is None else amount_of(key, plain(figure), figure.unit, "", (figure,), article)
