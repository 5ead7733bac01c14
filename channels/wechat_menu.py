"""The menu at the foot of the WeChat account: the life events of the knowledge folder, one tap each.

Which tap stands under which heading is decided here; every name a worker reads comes from outside.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Literal

MenuLanguage = Literal["zh", "en"]
Names = Mapping[str, Mapping[str, str]]

TOP_BUTTONS, SUB_BUTTONS = 3, 5
TOP_BYTES, SUB_BYTES, KEY_BYTES = 16, 60, 128
TOP_WIDTH, SUB_WIDTH = 8, 14  # four and seven Chinese characters; WeChat shows dots for what is longer

# A heading, and what stands under it: a life event of the knowledge folder, or the name of another payload.
LAYOUT: Mapping[str, tuple[str, ...]] = {
    "working": ("started_platform_work", "first_job", "changed_job", "moved_province", "several_platforms"),
    "trouble": ("injured_at_work", "lost_work", "income_dropped", "contribution_gap", "handoff"),
    "life": ("having_baby", "near_retirement", "returning_home", "simulate", "change_language"),
}
PAYLOADS: Mapping[str, str] = {
    "handoff": "/handoff",
    "simulate": "/simulate",
    "change_language": "/change_language",
}


class InvalidMenu(ValueError):
    """A menu that WeChat would refuse or cut; the text names the button."""


def menu_of(
    life_events: Iterable[Mapping[str, Any]],
    payloads: Mapping[str, str],
    names: Names,
    language: MenuLanguage = "zh",
    layout: Mapping[str, tuple[str, ...]] = LAYOUT,
) -> dict[str, Any]:
    """The body of `menu/create`.

    `life_events`: the list in `life_events.yml` (`id`, and `title` by language); each sends `/id`. `payloads`: what
    the other names of the layout send. `names`: name -> language -> what stands on the button; a life event without
    one there keeps its title. Raises `InvalidMenu`, also for a life event that the layout forgets.
    """
    events = {str(event["id"]): event for event in life_events}
    placed = {name for under in layout.values() for name in under}
    if forgotten := events.keys() - placed:
        raise InvalidMenu(f"no place in the menu for the life event {min(forgotten)}")
    sends = {event: f"/{event}" for event in events} | dict(payloads)
    titles: dict[str, Mapping[str, str]] = {name: event["title"] for name, event in events.items()}
    shown = titles | dict(names)
    _count("headings", len(layout), TOP_BUTTONS)
    return {
        "button": [
            {
                "name": _name(shown, heading, language, TOP_BYTES, TOP_WIDTH),
                "sub_button": [_button(name, sends, shown, language) for name in under],
            }
            for heading, under in layout.items()
            if _count(heading, len(under), SUB_BUTTONS)
        ]
    }


def conditional_menu_of(menu: Mapping[str, Any], *, language: str = "en", tag_id: str = "") -> dict[str, Any]:
    """The body of `menu/addconditional`: a menu for whoever has a tag, or else a language in their WeChat.

    WeChat has refused menus by language since 2021, to protect privacy (errcode 65320); a tag works.
    """
    return {**menu, "matchrule": {"tag_id": tag_id} if tag_id else {"language": language}}


def _button(name: str, sends: Mapping[str, str], shown: Names, language: MenuLanguage) -> dict[str, str]:
    if name not in sends:
        raise InvalidMenu(f"{name} is neither a life event nor a payload")
    if len(sends[name].encode()) > KEY_BYTES:
        raise InvalidMenu(f"{name} sends more than {KEY_BYTES} bytes")
    return {"type": "click", "name": _name(shown, name, language, SUB_BYTES, SUB_WIDTH), "key": sends[name]}


def _name(shown: Names, name: str, language: MenuLanguage, most_bytes: int, most_width: int) -> str:
    written = shown.get(name, {}).get(language, "").strip()
    if not written:
        raise InvalidMenu(f"{name} has no name in {language}")
    if len(written.encode()) > most_bytes or _width(written) > most_width:
        raise InvalidMenu(f"the name of {name} in {language} is longer than {most_width // 2} Chinese characters")
    return written


def _width(text: str) -> int:
    """How wide a name is: a Chinese character counts 2, a Latin letter 1."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _count(name: str, buttons: int, most: int) -> bool:
    if not 1 <= buttons <= most:
        raise InvalidMenu(f"{name}: {buttons} buttons; WeChat takes 1 to {most}")
    return True
