"""action_answer_question: the worker's own words through the answering pipeline."""

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Answer, Question
from actions.custom.desk import Button, Desk, Event, Turn, button, send
from actions.workers import AskedQuestion

MISSES_BEFORE_A_PERSON_IS_OFFERED = 2


class AnswerQuestion(Action):
    """Answers the last message; after two misses in a row it also offers the menu and a person."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Sends the answer and keeps what the next turn needs."""
        turn = await self._desk.placed(Turn.of(tracker))
        question = Question(turn.text, self._desk.today(), turn.spoken, turn.region)
        answer = await self._desk.ask(lambda library: library.answer(question, turn.language), turn.language)
        return await deliver(dispatcher, self._desk, turn, answer)


async def deliver(dispatcher: CollectingDispatcher, desk: Desk, turn: Turn, answer: Answer) -> list[Event]:
    """Sends an answer to a question, logs the question, and counts misses."""
    misses = turn.misses + 1 if answer.outcome.is_miss else 0
    extra: tuple[Button, ...] = ()
    if misses >= MISSES_BEFORE_A_PERSON_IS_OFFERED:
        extra = (
            button(desk.phrase("button_menu", answer.language), "/menu"),
            button(desk.phrase("button_person", answer.language), "/handoff"),
        )
        answer = replace(answer, text=f"{answer.text}\n{desk.phrase('two_misses', answer.language)}")
        misses = 0
    send(dispatcher, desk, answer, extra, turn.region)
    await desk.keep(
        desk.workers.log_question(
            AskedQuestion(
                conversation_id=turn.conversation_id,
                asked_at=desk.now(),
                language=answer.language,
                region=answer.region or turn.region,
                text=turn.text,
                outcome=answer.outcome.value,
                article_id=answer.article_id,
                score=answer.score,
            )
        )
    )
    events = [SlotSet("misses", misses)]
    if answer.article_id:
        events.append(SlotSet("last_article", answer.article_id))
    return events
