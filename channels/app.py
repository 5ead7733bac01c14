"""The channel server, put together: the only place in this process that builds things."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from string import Template

import httpx
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from actions.settings import Settings as ActionSettings
from channels.action_server import ActionServer
from channels.api import ErrorBody, ErrorDetail, router
from channels.colleagues import Colleagues
from channels.conversations import Conversations
from channels.floods import Floods
from channels.gateway import Gateway
from channels.handoff_api import news as news_router
from channels.handoff_api import router as handoff_router
from channels.messaging import PREFIX as MESSAGING_PREFIX
from channels.messaging import Messaging, add_webhooks, utc_now
from channels.metrics import Metrics
from channels.protection import BodyLimit, SafeHeaders
from channels.rasa import Rasa
from channels.refusals import Reason, Refused
from channels.reminder_metrics import ReminderMetrics
from channels.sentences import Sentences, load_sentences
from channels.settings import Settings
from channels.simulations import Simulations
from channels.simulations_api import overview
from channels.simulations_api import router as simulations
from channels.visits import Visits
from channels.workers_api import WorkerFacts
from channels.workers_api import router as workers_router

WIDGET = Path(__file__).with_name("widget")
DESCRIPTION = """
Answers about social insurance for flexible and platform workers in China, in Chinese and English.
Every sentence was written by staff, every figure has a date and a source; where there is no answer,
`outcome` says so.

Every error is `{"error": {"code", "message": {"zh", "en"}, "accepted"?}}`; a case that cannot be simulated is
`{"code", "errors": [{"field", "message", "accepted"?}]}`. Money is yuan, dates are ISO 8601,
regions are ISO 3166-2 (`CN-ZJ`; a city is `CN-GD.shenzhen`).
"""

pages = APIRouter(include_in_schema=False)
operations = APIRouter(tags=["operations"])


def create_app(
    settings: Settings,
    *,
    rasa_transport: httpx.AsyncBaseTransport | None = None,
    actions_transport: httpx.AsyncBaseTransport | None = None,
    messaging: Messaging | None = None,
) -> FastAPI:
    """The whole application; a transport given here stands in for the network. `messaging`: apps besides the web."""
    rasa_client = _client(settings.rasa_address, settings.turn_deadline_seconds, rasa_transport)
    actions_client = _client(settings.actions_address, settings.actions_deadline_seconds, actions_transport)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with rasa_client, actions_client, AsyncExitStack() as running:
            if messaging is not None:
                await _start_messaging(app, messaging, running)
            yield

    app = FastAPI(
        title="shebao-assistant",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    sentences = load_sentences()
    app.state.settings = settings
    app.state.sentences = sentences
    app.state.metrics = Metrics()
    app.state.rasa = Rasa(rasa_client, settings.turn_deadline_seconds, settings.rasa_token.get_secret_value())
    app.state.action_server = ActionServer(actions_client, settings.actions_deadline_seconds)
    colleagues = messaging.colleagues(settings, sentences) if messaging else None
    app.state.gateway = _build_gateway(settings, app.state.rasa, sentences, app.state.metrics, colleagues)
    app.state.simulations = Simulations(ActionSettings().knowledge_dir, time.monotonic)
    if messaging is not None:
        _add_messaging(app, settings, messaging)
    _add_routes(app, settings, messaging)
    _protect(app, settings, sentences, messaging.platforms.origins if messaging else ())
    return app


async def _start_messaging(app: FastAPI, messaging: Messaging, running: AsyncExitStack) -> None:
    await running.enter_async_context(messaging.running(app.state.dispatcher))
    if messaging.reminds:
        await running.enter_async_context(app.state.reminder_parts.reminding.running())


def _add_messaging(app: FastAPI, settings: Settings, messaging: Messaging) -> None:
    """What the routes of messaging apps, desks and platforms find in `app.state`."""
    desk = app.state.simulations.desk
    parts = messaging.reminding(settings, desk)
    app.state.reminder_parts = parts
    app.state.reminder_metrics = ReminderMetrics(parts.reminders.deliveries, utc_now)
    app.state.visits = Visits(parts.reminders, parts.shelf.voices, utc_now)
    app.state.worker_facts = WorkerFacts(parts.reminders, lambda: desk().regions.all, utc_now)
    app.state.links = messaging.links(app.state.sentences)
    app.state.dispatcher = messaging.dispatcher(
        app.state.gateway, app.state.sentences, app.state.metrics, app.state.links, app.state.visits
    )
    app.state.deliver = app.state.dispatcher.deliver
    app.state.handoffs = messaging.handoffs()
    app.state.visitors = messaging.visitors()


def _add_routes(app: FastAPI, settings: Settings, messaging: Messaging | None) -> None:
    if messaging is not None:
        add_webhooks(app, app.state.dispatcher, settings.public_url)
        for routes in (handoff_router, news_router, workers_router):
            app.include_router(routes)
    for routes in (router, simulations, overview, operations, pages):
        app.include_router(routes)
    app.mount("/widget", StaticFiles(directory=WIDGET), name="widget")


def _client(address: str, deadline_seconds: float, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    # Both servers are our own neighbours: a proxy meant for the outside world must not be asked for them.
    return httpx.AsyncClient(base_url=address, transport=transport, timeout=deadline_seconds, trust_env=False)


def _build_gateway(
    settings: Settings, rasa: Rasa, sentences: Sentences, metrics: Metrics, colleagues: Colleagues | None
) -> Gateway:
    return Gateway(
        rasa=rasa,
        conversations=Conversations(
            time.monotonic, settings.conversation_lifetime_seconds, settings.conversation_capacity
        ),
        floods=Floods(settings.rate_conversation, settings.rate_address),
        sentences=sentences,
        metrics=metrics,
        max_text_characters=settings.max_text_characters,
        paused=settings.paused,
        colleagues=colleagues,
    )


def _protect(app: FastAPI, settings: Settings, sentences: Sentences, origins: Iterable[str]) -> None:
    def error_body(refusal: Refused) -> dict[str, object]:
        message = sentences.both("errors", refusal.reason.code, **refusal.values)
        detail = ErrorDetail(code=refusal.reason.code, message=message, accepted=refusal.accepted)
        return ErrorBody(error=detail).model_dump(exclude_none=True)

    def respond(_: Request, refusal: Exception) -> JSONResponse:
        assert isinstance(refusal, Refused)
        headers = {"Retry-After": str(refusal.retry_after_seconds)} if refusal.retry_after_seconds else {}
        if refusal.reason.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(error_body(refusal), refusal.reason.status, headers)

    def respond_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        app.state.metrics.refused(Reason.REQUEST_INVALID.code)
        faults = (f"{'.'.join(map(str, fault['loc'][1:])) or 'body'}: {fault['msg']}" for fault in error.errors())
        return respond(request, Refused(Reason.REQUEST_INVALID, accepted="; ".join(faults)))

    def respond_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        reasons = {404: Reason.NOT_FOUND, 405: Reason.METHOD_NOT_ALLOWED}
        return respond(request, Refused(reasons.get(error.status_code, Reason.REQUEST_INVALID)))

    app.add_exception_handler(Refused, respond)
    app.add_exception_handler(RequestValidationError, respond_invalid)
    app.add_exception_handler(HTTPException, respond_http)
    larger = {MESSAGING_PREFIX: settings.max_webhook_bytes}
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, error_body=error_body, larger=larger)
    allowed = sorted({*settings.allowed_origins, *origins})
    if allowed:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=allowed,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After"],
        )
    app.add_middleware(SafeHeaders, error_body=error_body)


@pages.get("/")
async def chat_page(request: Request) -> HTMLResponse:
    """The web chat."""
    settings: Settings = request.app.state.settings
    page = Template((WIDGET / "index.html").read_text(encoding="utf-8"))
    return HTMLResponse(
        page.substitute(max_text_characters=settings.max_text_characters),
        headers={"Cache-Control": "no-cache"},
    )


@pages.get("/docs")
async def reference_page() -> FileResponse:
    """The reference of this API, readable without any other site."""
    return FileResponse(WIDGET / "docs.html", headers={"Cache-Control": "no-cache"})


@pages.get("/widget.js")
async def embedding_script() -> FileResponse:
    """The one line that a platform adds to its page."""
    script = WIDGET / "embed.js"
    return FileResponse(script, media_type="text/javascript", headers={"Cache-Control": "public, max-age=300"})


@pages.get("/favicon.ico")
async def icon() -> FileResponse:
    """The icon, for browsers that ask before they read the page."""
    return FileResponse(WIDGET / "icon.svg")


@operations.get("/healthz", summary="Is this process alive?")
async def healthz() -> dict[str, str]:
    """200 as long as the channel server itself runs."""
    return {"status": "ok"}


@operations.get("/readyz", summary="Can a worker be answered?", responses={503: {"description": "Not yet."}})
async def readyz(request: Request) -> JSONResponse:
    """200 when Rasa and the action server both answer in time, otherwise 503; the body says which."""
    settings: Settings = request.app.state.settings
    rasa, actions = await asyncio.gather(
        request.app.state.rasa.answers_within(settings.ready_deadline_seconds),
        request.app.state.action_server.answers_within(settings.ready_deadline_seconds),
    )
    return JSONResponse({"ready": rasa and actions, "rasa": rasa, "actions": actions}, 200 if rasa and actions else 503)


@operations.get("/metrics", summary="Counters for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    """Turns by outcome, seconds a turn took, messages refused by reason, reminders by state and how long they wait."""
    counted: Metrics = request.app.state.metrics
    reminders: ReminderMetrics | None = getattr(request.app.state, "reminder_metrics", None)
    said = counted.exposition() + (await reminders.exposition() if reminders else b"")
    return Response(said, media_type="text/plain; version=0.0.4")


def main() -> None:
    """Serve in this process, as the environment says."""
    settings = Settings()
    messaging = Messaging.from_environment(settings, ActionSettings(), load_sentences())
    uvicorn.run(create_app(settings, messaging=messaging), host=settings.host, port=settings.port, access_log=False)


if __name__ == "__main__":
    main()
