"""`shebao chat`: the conversation of the browser in a terminal, through the HTTP API alone."""

import time
import uuid
from collections.abc import Callable

import httpx
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.text import Text

from channels.message import Language
from channels.sentences import Sentence, Sentences, load_sentences
from channels.web import ButtonBody, MessageRequest, ReplyBody, TurnBody

ANSWER_SECONDS = 10.0  # the gateway answers within five; the rest is the way there and back
WORDS_TO_LEAVE = frozenset({"/quit", "/exit", "/q"})


class _ErrorDetail(BaseModel):
    code: str
    message: Sentence


class _ErrorBody(BaseModel):
    error: _ErrorDetail


class Chat:
    """One conversation: reads lines, sends them, shows what comes back."""

    def __init__(
        self,
        client: httpx.Client,
        console: Console,
        sentences: Sentences,
        language: Language,
        *,
        read_line: Callable[[str], str],
        wait: Callable[[float], None],
    ) -> None:
        self._client = client
        self._console = console
        self._sentences = sentences
        self._language: Language = language
        self._read_line = read_line
        self._wait = wait
        self._conversation_id: str | None = None
        self._buttons: list[ButtonBody] = []
        self._unsent: MessageRequest | None = None

    def run(self) -> None:
        """Talk until the worker leaves."""
        self._console.print(self._say("hello"), style="bold")
        self._console.print(self._say("warning"), style="dim")
        while True:
            try:
                line = self._read_line(f"{self._say('prompt')} > ").strip()
            except (EOFError, KeyboardInterrupt):
                line = "/quit"
            if line.casefold() in WORDS_TO_LEAVE:
                self._console.print(self._say("goodbye"))
                return
            message = self._message(line)
            if message is not None:
                self._send(message)

    def _message(self, line: str) -> MessageRequest | None:
        """What the line means: a button by its number, the unsent message once more, or text."""
        if not line:
            return self._unsent
        content: dict[str, str] = {"text": line}
        if line.isdecimal() and 1 <= int(line) <= len(self._buttons):
            content = {"payload": self._buttons[int(line) - 1].payload}
        return MessageRequest(
            conversation_id=self._conversation_id,
            language=self._language,
            message_id=str(uuid.uuid4()),
            **content,
        )

    def _send(self, message: MessageRequest) -> None:
        response = self._post(message)
        self._unsent = message if response is None or response.status_code >= 500 else None
        if response is None or response.status_code >= 500:
            self._console.print(self._say("connection_lost"), style="yellow")
            return
        try:
            self.show(TurnBody.model_validate_json(response.content))
        except ValidationError:
            self._show_error(response)

    def _post(self, message: MessageRequest) -> httpx.Response | None:
        """The server's response, waiting where it asks us to; None when it cannot be reached."""
        body = message.model_dump(exclude_none=True)
        while True:
            try:
                with self._console.status(self._say("thinking")):
                    response = self._client.post("/api/v1/messages", json=body)
            except httpx.HTTPError:
                return None
            seconds = response.headers.get("Retry-After", "")
            if response.status_code not in (409, 429) or not seconds.isdecimal():
                return response
            self._console.print(self._say("waiting", seconds=seconds), style="dim")
            self._wait(float(seconds))

    def show(self, turn: TurnBody) -> None:
        """Prints a turn; its buttons can be pressed by their numbers from now on."""
        self._conversation_id = turn.conversation_id
        self._buttons = []
        for reply in turn.replies:
            self._language = reply.language or self._language
            self._show_reply(reply)
        self._console.print()

    def _show_reply(self, reply: ReplyBody) -> None:
        style = "yellow" if (reply.outcome or "").startswith("error_") else ""
        self._console.print()
        self._console.print(Text(reply.text, style=style))
        if reply.image_url:
            self._console.print(Text(reply.image_url, style="blue underline"))
        if reply.next_steps:
            self._console.print(Text(self._say("next_steps"), style="bold"))
            for step in reply.next_steps:
                self._console.print(Text(f"  → {step}"))
        self._show_sources(reply)
        for button in reply.buttons:
            self._show_button(button)
        if reply.suggestions:
            self._console.print(Text(self._say("related"), style="dim"))
        for suggestion in reply.suggestions:
            payload = f'/read{{"article":"{suggestion.article_id}"}}'
            self._show_button(ButtonBody(title=suggestion.title, payload=payload))

    def _show_sources(self, reply: ReplyBody) -> None:
        if reply.citations:
            self._console.print(Text(self._say("sources"), style="dim"))
        for citation in reply.citations:
            as_of = self._say("as_of", date=citation.as_of) if citation.as_of else None
            parts = (citation.title, citation.source, as_of, citation.url)
            self._console.print(Text("  " + " · ".join(part for part in parts if part), style="dim"))
        if reply.reviewed_on:
            self._console.print(Text(self._say("reviewed_on", date=reply.reviewed_on), style="dim"))

    def _show_button(self, button: ButtonBody) -> None:
        self._buttons.append(button)
        self._console.print(Text.assemble((f" {len(self._buttons)} ", "reverse cyan"), f" {button.title}"))

    def _show_error(self, response: httpx.Response) -> None:
        try:
            message = _ErrorBody.model_validate_json(response.content).error.message
        except ValidationError:
            self._console.print(self._say("connection_lost"), style="yellow")
            return
        self._console.print(message.zh if self._language == "zh" else message.en, style="yellow")

    def _say(self, name: str, **values: object) -> str:
        return self._sentences.say("terminal", name, self._language, **values)


def run_chat(base_url: str, language: Language) -> None:
    """Talk to a running server until the worker leaves."""
    console = Console(highlight=False)
    with httpx.Client(base_url=base_url, timeout=ANSWER_SECONDS, trust_env=False) as client:
        chat = Chat(client, console, load_sentences(), language, read_line=console.input, wait=time.sleep)
        chat.run()
