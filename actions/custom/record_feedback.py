"""action_record_feedback: whether an answer helped."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Button, Desk, Turn, button, plain_answer, say
from actions.workers import Feedback


class RecordFeedback(Action):
    """Thanks for a verdict; a bad one is asked for its reason, once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_record_feedback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Keeps the verdict of an article's button; without the article, the last one is meant."""
        turn = Turn.of(tracker)
        language, helpful = turn.language, turn.intent == "helpful"
        article_id = next(iter(turn.values("article")), turn.last_article or "")
        if article_id in self._desk.library().knowledge.articles:
            given = Feedback(turn.conversation_id, self._desk.now(), language, article_id, helpful)
            await self._desk.keep(self._desk.workers.log_feedback(given))
        text = self._desk.phrase("feedback_thanks" if helpful else "feedback_why", language)
        say(dispatcher, text, [] if helpful else self._reasons(turn), plain_answer(text, language))
        return []

    def _reasons(self, turn: Turn) -> list[Button]:
        titles = {
            "other_question": self._desk.phrase("reason_other_question", turn.language),
            "unclear": self._desk.phrase("reason_unclear", turn.language),
            "wrong": self._desk.phrase("reason_wrong", turn.language),
            "other_place": self._desk.phrase("reason_other_place", turn.language),
        }
        return [button(title, f'/why_not{{"reason":"{reason}"}}') for reason, title in titles.items()]
