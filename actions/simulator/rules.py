"""What a rule may read: the figures in force on a day, with the name of this set of rules and figures."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from actions.parameters import Figure, MissingFigure, Parameters
from actions.simulator.estimate import CannotEstimate, Remark

RULES = "2026.11.1"  # raise when a formula changes; a changed figure changes the digest by itself


@dataclass(frozen=True)
class Rules:
    """The parameters on one day. Functions of `benefits/` take it as their only source of figures."""

    parameters: Parameters
    on: date

    def figure(self, name: str, region: str, key: str | None = None, on: date | None = None) -> Figure:
        """The figure in force on `on` (left out: the day of the rules); raises CannotEstimate."""
        try:
            return self.parameters.figure(name, region, on or self.on, key)
        except MissingFigure:
            raise CannotEstimate(name, region, on or self.on) from None

    def figure_if_known(self, name: str, region: str, key: str | None = None, on: date | None = None) -> Figure | None:
        """As `figure`; None where nothing is published."""
        try:
            return self.figure(name, region, key, on)
        except CannotEstimate:
            return None

    def rows(self, name: str, region: str) -> tuple[str, ...]:
        """The rows of a table-valued figure in its newest version that has started; none for an unknown figure."""
        parameter = self.parameters.all.get(name)
        values = parameter.values.get(region, {}) if parameter else {}
        started = [since for since in values if since <= self.on]
        table = values[max(started)].value if started else None
        return tuple(table) if isinstance(table, dict) else ()

    def at(self, on: date) -> "Rules":
        """The same parameters on another day."""
        return replace(self, on=on)


@lru_cache(maxsize=8)  # by the object: parameters do not change once they are read
def version_of(parameters: Parameters) -> str:
    """`RULES` and a digest of every figure: two estimates with the same version used the same rules and figures."""
    digest = hashlib.sha256()
    for name in sorted(parameters.all):
        digest.update(f"{name}={parameters.all[name]!r}".encode())
    return f"{RULES}-{digest.hexdigest()[:8]}"


def last_known(figure: Figure) -> Remark:
    """Says that a figure is older than a year: the last one published was used."""
    return Remark("last_known_value", {"figure": figure.name, "since": figure.since.isoformat()})
