"""action_set_region: keeps where the worker pays, and answers again where that changes the answer."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Desk, Turn, plain_answer, say, send


class SetRegion(Action):
    """Notes the worker's place; an answer that depends on the place is given once more."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_set_region"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The place comes as an entity: where the worker went, not where from; none or several are asked about."""
        turn = Turn.of(tracker)
        knowledge = self._desk.library().knowledge
        named = turn.values("region", "destination") or turn.values("region") or ([turn.region] if turn.region else [])
        nearest = [c for c in named if not any(other.startswith(f"{c}.") for other in named)]
        if len(nearest) != 1 or nearest[0] not in knowledge.regions:
            problem = self._desk.phrase("region_unclear" if len(nearest) > 1 else "region_unknown", turn.language)
            say(dispatcher, problem, [], plain_answer(problem, turn.language))
            return [SlotSet("region", None)]
        region = nearest[0]
        await self._desk.keep(
            self._desk.workers.remember(turn.conversation_id, turn.language, region, self._desk.now())
        )
        text = self._desk.phrase("region_set", turn.language, region=knowledge.regions.name(region, turn.language))
        say(dispatcher, text, [], plain_answer(text, turn.language), region)
        on = self._desk.today()
        if turn.last_article:
            article = turn.last_article
            again = await self._desk.ask(
                lambda library: library.read_again(article, turn.language, region, on), turn.language
            )
            if again.article_id:
                send(dispatcher, self._desk, again)
        return [SlotSet("region", region), SlotSet("misses", 0)]
