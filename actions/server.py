"""The action server: the only place that builds things. Serves the rasa-sdk webhook and the answering API.

Listens on loopback: on an exception the SDK echoes the request, so this port is never to be public.
"""

import asyncio
import json
import logging
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import HTTPResponse, Request, Sanic
from sanic import json as json_response

from actions.answering.answer import Answer, Language, Question
from actions.answering.embedder import embedder_of
from actions.answering.library import Library
from actions.answering.shelf import Shelf
from actions.custom.answer_question import AnswerQuestion
from actions.custom.ask_estimate import AskEstimate
from actions.custom.calculator import Calculator
from actions.custom.delete_my_data import DeleteMyData
from actions.custom.desk import Desk
from actions.custom.explain_estimate import ExplainEstimate
from actions.custom.open_handoff import OpenHandoff
from actions.custom.read_article import ReadArticle
from actions.custom.read_more import ReadMore
from actions.custom.record_feedback import RecordFeedback
from actions.custom.record_reason import RecordReason
from actions.custom.remember_facts import RememberFacts
from actions.custom.reminding import reminding, still_true_of, voices_of
from actions.custom.set_language import SetLanguage
from actions.custom.set_region import SetRegion
from actions.custom.show_estimate import ShowEstimate
from actions.custom.show_life_event import ShowLifeEvent
from actions.custom.show_menu import ShowMenu
from actions.custom.submit_complaint import SubmitComplaint
from actions.custom.validate_estimate_form import ValidateEstimateForm
from actions.database import open_database
from actions.reminders.store import Reminders
from actions.settings import CHINA, Settings
from actions.workers import Workers

log = logging.getLogger(__name__)

ACTIONS = (
    AnswerQuestion,
    ReadArticle,
    ReadMore,
    ShowMenu,
    ShowLifeEvent,
    SetRegion,
    SetLanguage,
    DeleteMyData,
    OpenHandoff,
    SubmitComplaint,
    RecordFeedback,
    RecordReason,
)
ESTIMATING = (ValidateEstimateForm, AskEstimate, ShowEstimate, ExplainEstimate, RememberFacts)


class AnswersRequest(BaseModel):
    """Body of `POST /answers`."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=4000)
    language: Language | None = None
    region: str | None = Field(None, max_length=40)
    on: date | None = None


class ForgetRequest(BaseModel):
    """Body of `POST /conversations/forget`."""

    model_config = ConfigDict(extra="forbid")
    conversation_id: str = Field(min_length=1, max_length=64)


class Metrics:
    """What Prometheus reads of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter("shebao_answers", "Answers by outcome", ["outcome"], registry=self.registry)
        self.seconds = Histogram(
            "shebao_answer_seconds",
            "Time of one answer",
            buckets=(0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.0, 3.0),
            registry=self.registry,
        )

    def watch(self, shelf: Shelf) -> None:
        """Shows whether the folder as it lies there is the one that answers."""
        for name, says, value in (
            ("shebao_knowledge_broken", "1 while the folder has a problem and an older one answers", _is_broken),
            ("shebao_knowledge_loaded_timestamp_seconds", "When the folder that answers was loaded", _loaded_at),
            ("shebao_knowledge_loads", "Times that a folder came into force", _loads),
            ("shebao_knowledge_refusals", "Times that a changed folder was refused", _refusals),
            ("shebao_knowledge_articles", "Articles that answer", _articles),
        ):
            Gauge(name, says, registry=self.registry).set_function(partial(value, shelf))

    def count(self, answer: Answer) -> None:
        """Notes one answer."""
        self.answers.labels(answer.outcome.value).inc()
        self.seconds.observe(sum(answer.timings_ms.values()) / 1000)


def _is_broken(shelf: Shelf) -> float:
    return float(bool(shelf.problem))


def _loaded_at(shelf: Shelf) -> float:
    return shelf.loaded_at.timestamp()


def _loads(shelf: Shelf) -> float:
    return shelf.loads


def _refusals(shelf: Shelf) -> float:
    return shelf.refusals


def _articles(shelf: Shelf) -> float:
    return len(shelf.library.knowledge.articles)


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as every interface gives it (`shebao ask --json`, `POST /api/v1/answers`)."""
    return {
        "outcome": answer.outcome.value,
        "answer": answer.text,
        "language": answer.language,
        "article_id": answer.article_id,
        "title": answer.title,
        "score": answer.score,
        "region": answer.region,
        "citations": [{**asdict(c), "as_of": c.as_of.isoformat() if c.as_of else None} for c in answer.citations],
        "next_steps": list(answer.next_steps),
        "suggestions": [asdict(suggestion) for suggestion in answer.suggestions],
        "reviewed_on": answer.reviewed_on.isoformat() if answer.reviewed_on else None,
        "timings_ms": answer.timings_ms,
    }


def regions_json(library: Library) -> list[dict[str, Any]]:
    """Every place of the gazetteer: provinces, then their cities."""
    return [
        {
            "code": code,
            "name": {"zh": region.name.zh, "en": region.name.en},
            "level": "city" if "." in code else "province",
            "parent": code.split(".")[0] if "." in code else "CN",
        }
        for code, region in library.knowledge.regions.all.items()
    ]


def build_app(settings: Settings, shelf: Shelf, workers: Workers, reminders: Reminders) -> Sanic[Any, Any]:
    """The Sanic application with every action registered as a ready-made instance."""
    desk = Desk(lambda: shelf.library, workers, lambda: datetime.now(CHINA), settings.retrieval_deadline_seconds)
    executor = ActionExecutor()
    calculator = Calculator(desk, settings.knowledge_dir)
    own = (*(one(desk) for one in ACTIONS), *(one(calculator) for one in ESTIMATING))
    for action in (*own, *reminding(calculator, reminders, settings.knowledge_dir)):
        executor.register_action(action)
    app: Sanic[Any, Any] = create_app(executor, cors_origins=[])
    app.config.KEEP_ALIVE_TIMEOUT = 120
    metrics = Metrics()
    metrics.watch(shelf)
    add_routes(app, desk, metrics)
    add_state(app, shelf, metrics)
    add_retention(app, settings, workers)
    add_reloading(app, settings, shelf)
    return app


def add_state(app: Sanic[Any, Any], shelf: Shelf, metrics: Metrics) -> None:
    """What operators look at."""

    @app.get("/healthz")
    async def healthz(_: Request) -> HTTPResponse:
        knowledge = {"loaded_at": shelf.loaded_at.isoformat(), "problem": shelf.problem or None}
        articles = len(shelf.library.knowledge.articles)
        return json_response({"status": "ok", "articles": articles, "knowledge": knowledge}, dumps=dump)

    @app.get("/metrics")
    async def show_metrics(_: Request) -> HTTPResponse:
        return HTTPResponse(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def add_routes(app: Sanic[Any, Any], desk: Desk, metrics: Metrics) -> None:
    """The routes beside the SDK's webhook."""
    library, workers = desk.library, desk.workers

    @app.get("/regions")
    async def regions(_: Request) -> HTTPResponse:
        return json_response(regions_json(library()), dumps=dump)

    @app.post("/answers")
    async def answers(request: Request) -> HTTPResponse:
        try:
            asked = AnswersRequest.model_validate_json(request.body)
        except ValidationError as error:
            return json_response({"error": explain(error)}, status=422, dumps=dump)
        if asked.region is not None and asked.region not in library().knowledge.regions:
            return json_response(
                {"error": f"region: {asked.region!r} is not known; GET /regions lists them"}, status=422
            )
        question = Question(asked.text, asked.on or desk.today(), asked.language, asked.region)
        answer = await desk.ask(lambda current: current.answer(question), asked.language or "zh")
        metrics.count(answer)
        return json_response(answer_json(answer), dumps=dump)

    @app.post("/conversations/forget")
    async def forget(request: Request) -> HTTPResponse:
        try:
            wanted = ForgetRequest.model_validate_json(request.body)
        except ValidationError as error:
            return json_response({"error": explain(error)}, status=422, dumps=dump)
        return json_response({"deleted": await workers.forget(wanted.conversation_id)})


def add_retention(app: Sanic[Any, Any], settings: Settings, workers: Workers) -> None:
    """A task of this process that deletes what is older than its retention time."""

    async def keep_expiring() -> None:
        while True:
            now = datetime.now(UTC)
            try:
                await workers.expire(
                    questions_before=now - timedelta(days=settings.question_retention_days),
                    workers_before=now - timedelta(days=settings.worker_retention_days),
                )
            except Exception:  # the next round tries again; the log has the reason
                log.exception("could not delete expired data")
            await asyncio.sleep(settings.retention_check_seconds)

    @app.after_server_start
    async def start(running: Sanic[Any, Any]) -> None:
        running.add_task(keep_expiring(), name="retention")


def add_reloading(app: Sanic[Any, Any], settings: Settings, shelf: Shelf) -> None:
    """A task of this process that takes a changed knowledge folder into force."""

    async def keep_looking() -> None:
        while True:
            await asyncio.sleep(settings.knowledge_check_seconds)
            try:
                await asyncio.to_thread(shelf.refresh)
            except Exception:  # the next look tries again; the log has the reason
                log.exception("could not look at the knowledge folder")

    @app.after_server_start
    async def start(running: Sanic[Any, Any]) -> None:
        running.add_task(keep_looking(), name="reloading")


def explain(error: ValidationError) -> str:
    """The first problem, with the field's name; never the input itself."""
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'body'}: {first['msg']}"


def dump(value: Any) -> str:
    """JSON with Chinese readable."""
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Builds everything, then serves in this one process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings()
    embedder = embedder_of(settings.embedding_model)
    shelf = Shelf(settings.knowledge_dir, settings.index_dir, embedder, lambda: datetime.now(CHINA))
    engine = open_database(settings.database)
    still_true = still_true_of(voices_of(lambda: shelf.library.knowledge))
    app = build_app(settings, shelf, Workers(engine), Reminders(engine, still_true))
    app.run(
        host=settings.actions_host,
        port=settings.actions_port,
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
