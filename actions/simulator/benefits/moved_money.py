"""Money that goes along when a pension record moves to another province, and money that stays."""

from fractions import Fraction

from actions.parameters import Figure, Unit
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.cases.transfer import PlaceSpell, TransferCase
from actions.simulator.estimate import Amount, Remark, Step, cents
from actions.simulator.rules import Rules


def account(case: TransferCase, place: str) -> Found:
    """The personal account moves whole, with its interest.

    Guo Ban Fa [2009] 66, Article 4 (article transfer/what-moves). Before 1998 only the worker's own payments do.
    """
    if not _leaving(case, place):
        return Found()
    assumed = Found(assumptions=(Remark("account_moves_whole"),))
    if case.account_balance is None:
        return assumed
    value = cents(case.account_balance)
    step = Step("account_moved", value, Unit.YUAN, "", (), "transfer/what-moves")
    return assumed + Found((Amount("account_moved", value, Unit.YUAN),), (step,))


def pool(case: TransferCase, rules: Rules, place: str) -> Found:
    """Of the pooled money 12 % of the wages that were paid on move, less than a year by its months; the rest stays.

    Guo Ban Fa [2009] 66, Article 4 (article transfer/what-moves). The pension is not counted from that money.
    """
    leaving = _leaving(case, place)
    if not leaving:
        return Found()
    share = rules.figure("transfer.pool_share", place)
    found = Found(assumptions=(Remark("pool_share_moves", {"share": plain(share)}),)) + _staying(
        rules, leaving[-1].region, share
    )
    if any(spell.base is None for spell in leaving):
        return found
    parts = [(Fraction(spell.base or 0), spell.months) for spell in leaving]
    value = cents(sum((base * months for base, months in parts), Fraction(0)) * Fraction(share.value) / 100)
    formula = " + ".join(f"{plain(base)} × {months}" for base, months in parts)
    step = Step("pool_moved", value, Unit.YUAN, f"({formula}) × {share.value}%", (share,), "transfer/what-moves")
    return found + Found((Amount("pool_moved", value, Unit.YUAN),), (step,))


def _leaving(case: TransferCase, place: str) -> list[PlaceSpell]:
    return [spell for spell in case.spells if spell.region.split(".")[0] != place]


def _staying(rules: Rules, old_place: str, share: Figure) -> Found:
    """What an employer pays above that share stays in the old place; it costs the worker nothing."""
    employer = rules.figure_if_known("contribution.employer.rate", old_place)
    if employer is None or employer.value <= share.value:
        return Found()
    left = plain(Fraction(employer.value) - Fraction(share.value))
    return Found(assumptions=(Remark("rest_of_the_pool_stays", {"employer": plain(employer), "left": left}),))
