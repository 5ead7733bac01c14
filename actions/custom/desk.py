"""What an action has at hand, how it reads a turn and how it replies. No decision is taken here."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering.answer import Answer, Language, Outcome
from actions.answering.compose import compose_refusal
from actions.answering.folder import Texts
from actions.answering.library import Library
from actions.privacy import mask
from actions.simulator.charts import Chart
from actions.workers import Workers

log = logging.getLogger(__name__)

Button = dict[str, str]
Event = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """The collaborators of all actions. `library` gives the one in force now; `now` is the only clock."""

    library: Callable[[], Library]
    workers: Workers
    now: Callable[[], datetime]
    deadline_seconds: float

    def today(self) -> date:
        """The day in China, which is what rules and figures go by."""
        return self.now().date()

    def phrase(self, name: str, language: Language, **words: object) -> str:
        """One of `texts.yml`'s phrases, filled in."""
        return self.library().knowledge.texts.phrases[name].in_language(language).format(**words)

    async def ask(self, look_up: Callable[[Library], Answer], language: Language) -> Answer:
        """Runs a look-up off the event loop; late or broken ones end as a named error."""
        library = self.library()
        try:
            return await asyncio.wait_for(asyncio.to_thread(look_up, library), self.deadline_seconds)
        except TimeoutError:
            log.warning("answering took longer than %s s", self.deadline_seconds)
            return compose_refusal(Outcome.ERROR_TIMEOUT, language, library.knowledge)
        except Exception:  # whatever broke, the worker reads a sentence; the log has the reason
            log.exception("answering failed")
            return compose_refusal(Outcome.ERROR_INTERNAL, language, library.knowledge)

    async def placed(self, turn: "Turn") -> "Turn":
        """The turn with the worker's place from their profile, where the conversation has lost it."""
        if turn.region is not None:
            return turn
        held = await self.keep(self.workers.held(turn.conversation_id))
        return replace(turn, region=held.region) if held else turn

    async def keep(self, writing: Any) -> Any:
        """Awaits a write; a database that is down must not cost the worker the answer."""
        try:
            return await asyncio.wait_for(writing, self.deadline_seconds)
        except Exception:
            log.exception("could not write to the database")
            return None


@dataclass(frozen=True)
class Turn:
    """One message as Rasa understood it."""

    conversation_id: str
    text: str
    intent: str
    language: Language
    region: str | None
    last_article: str | None
    misses: int
    entities: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, tracker: Tracker) -> "Turn":
        """The turn that a tracker is at."""
        message = tracker.latest_message
        return cls(
            conversation_id=tracker.sender_id,
            text=mask(message.get("text") or "").text,
            intent=(message.get("intent") or {}).get("name") or "",
            language="en" if tracker.get_slot("language") == "en" else "zh",
            region=tracker.get_slot("region"),
            last_article=tracker.get_slot("last_article"),
            misses=int(tracker.get_slot("misses") or 0),
            entities=tuple(message.get("entities") or ()),
        )

    @property
    def spoken(self) -> Language | None:
        """The language that the bot read from this very message; None where it says nothing about that."""
        found = self.values("language")[-1:]
        return None if not found else "en" if found[0] == "en" else "zh"

    @property
    def is_tap(self) -> bool:
        """Whether the message is a button's payload rather than the worker's words."""
        return self.text.startswith("/")

    def values(self, entity: str, role: str | None = None) -> list[str]:
        """The distinct values of one entity, in order; of one role alone where it is named."""
        of_kind = [e for e in self.entities if e.get("entity") == entity and e.get("value")]
        found = [str(e["value"]) for e in of_kind if role is None or e.get("role") == role]
        return list(dict.fromkeys(found))


def button(title: str, payload: str) -> Button:
    """What the worker taps and what it sends."""
    return {"title": title, "payload": payload}


def read_button(title: str, article_id: str, intent: str = "read") -> Button:
    """A button about an article: it opens it, unless `intent` says otherwise."""
    return button(title, f'/{intent}{{"article":"{article_id}"}}')


def send(
    dispatcher: CollectingDispatcher,
    desk: Desk,
    answer: Answer,
    extra: tuple[Button, ...] = (),
    place: str | None = None,
) -> None:
    """One answer as text with buttons, then everything that is no text as one custom message."""
    buttons = buttons_of(answer, desk.library().knowledge.texts)
    say(dispatcher, answer.text, [*buttons, *extra], answer, place)


def buttons_of(answer: Answer, texts: Texts) -> list[Button]:
    """The choices of an answer, the rest of it, the worker's place, and whether it helped."""

    def phrase(name: str) -> str:
        return texts.phrases[name].in_language(answer.language)

    choices = answer.outcome is not Outcome.ANSWERED
    buttons = [read_button(s.title, s.article_id) for s in answer.suggestions] if choices else []
    if answer.has_more and answer.article_id:
        buttons.append(read_button(phrase("button_more"), answer.article_id, "read_more"))
    if answer.asks_region:
        buttons.append(button(phrase("button_region"), "/change_region"))
    if not choices and answer.article_id:
        buttons.append(read_button(phrase("button_helpful"), answer.article_id, "helpful"))
        buttons.append(read_button(phrase("button_not_helpful"), answer.article_id, "unhelpful"))
    return buttons


def say(
    dispatcher: CollectingDispatcher,
    text: str,
    buttons: list[Button],
    about: Answer,
    place: str | None = None,
    chart: Chart | None = None,
) -> None:
    """Text and buttons, then the custom message that the gateway folds into them.

    `place`: where the worker pays, as far as it is known now; the web chat shows it. `chart`: numbers to draw.
    """
    dispatcher.utter_message(text=text, buttons=buttons or None)
    beside = beside_the_text(about, place) | ({"chart": asdict(chart)} if chart else {})
    dispatcher.utter_message(json_message=beside)


def beside_the_text(about: Answer, place: str | None = None) -> dict[str, Any]:
    """Everything of an answer that is neither words nor buttons."""
    suggestions = about.suggestions if about.outcome is Outcome.ANSWERED else ()
    return {
        "outcome": about.outcome.value,
        "region": place,
        "language": about.language,
        "article_id": about.article_id,
        "citations": [
            {
                "title": citation.title,
                "source": citation.source,
                "as_of": citation.as_of.isoformat() if citation.as_of else None,
                "url": citation.url,
            }
            for citation in about.citations
        ],
        "next_steps": list(about.next_steps),
        "suggestions": [{"article_id": s.article_id, "title": s.title} for s in suggestions],
        "reviewed_on": about.reviewed_on.isoformat() if about.reviewed_on else None,
    }


def plain_answer(text: str, language: Language, outcome: Outcome = Outcome.ANSWERED) -> Answer:
    """A sentence of the assistant's own, in the shape of an answer."""
    return Answer(outcome=outcome, text=text, language=language)


def without_next_steps(answer: Answer) -> Answer:
    """The longer part of an article repeats neither the steps nor the suggestions of the short one."""
    return replace(answer, next_steps=(), suggestions=())
