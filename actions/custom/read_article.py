"""action_read_article: an article that a button named."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Desk, Turn, send


class ReadArticle(Action):
    """Shows the short part of an article for the worker's place."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_read_article"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The article id comes in the payload."""
        turn = await self._desk.placed(Turn.of(tracker))
        article_id = next(iter(turn.values("article")), turn.last_article or "")
        on = self._desk.today()
        answer = await self._desk.ask(
            lambda library: library.read(article_id, turn.language, turn.region, on), turn.language
        )
        send(dispatcher, self._desk, answer)
        return [SlotSet("last_article", answer.article_id), SlotSet("misses", 0)] if answer.article_id else []
