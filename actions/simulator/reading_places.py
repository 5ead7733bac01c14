"""What a message says of places: where the household is registered, where was paid before, where now, and how long.

"户口四川，在浙江交了5年，现在广东2年" tells everything at once; "4年" means the place that was asked for last.
"""

from datetime import date

from actions.simulator.heard import Heard


def hukou(heard: Heard, on: date) -> str | None:
    """The place that the words call home, or the only place of an answer to that question."""
    home = heard.values("region:home")
    if home:
        return home[-1]
    places = heard.values("region")
    return places[-1] if heard.asked == "hukou" and len(places) == 1 else None


def old_place(heard: Heard, on: date) -> str | None:
    """Where was paid before: "from …", the first of two places, or the answer to that question."""
    origin = heard.values("region:origin")
    if origin:
        return origin[0]
    places = _elsewhere(heard)
    return places[0] if len(places) > 1 or (places and heard.asked == "old_place") else None


def new_place(heard: Heard, on: date) -> str | None:
    """Where is paid now, or where somebody wants to move: "to …", the last of two places, or the answer."""
    destination = heard.values("region:destination")
    if destination:
        return destination[-1]
    places = _elsewhere(heard)
    return places[-1] if len(places) > 1 or (places and heard.asked == "new_place") else None


def old_months(heard: Heard, on: date) -> str | None:
    """How long in the old place: the first of two lengths of time, or the answer."""
    durations = heard.values("duration")
    if len(durations) > 1:
        return str(int(float(durations[0])))
    return heard.months("old_months") if heard.asked in ("old_months", "old_place", "hukou") else None


def new_months(heard: Heard, on: date) -> str | None:
    """How long in the new place; nothing yet is an answer too."""
    durations = heard.values("duration")
    if len(durations) > 1:
        return str(int(float(durations[1])))
    if heard.asked not in ("new_months", "new_place"):
        return None
    return "0" if heard.says_never else heard.months("new_months")


def _elsewhere(heard: Heard) -> list[str]:
    """The places that are not called home, each once."""
    home = set(heard.values("region:home"))
    return [place for place in dict.fromkeys(heard.values("region")) if place not in home]
