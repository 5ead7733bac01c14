"""action_read_more: the longer part of an article."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Desk, Turn, send, without_next_steps


class ReadMore(Action):
    """Shows what the short answer left out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_read_more"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The article id comes in the payload; without one, the last article is meant."""
        turn = await self._desk.placed(Turn.of(tracker))
        article_id = next(iter(turn.values("article")), turn.last_article or "")
        on = self._desk.today()
        answer = await self._desk.ask(
            lambda library: library.read(article_id, turn.language, turn.region, on, more=True), turn.language
        )
        send(dispatcher, self._desk, without_next_steps(answer))
        return []
