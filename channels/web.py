"""The web channel: the JSON that the web chat, the terminal and platforms exchange with us.

The answer travels back in the response to the message, so this channel cannot write first.
"""

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from channels.channel import PushUnsupported, Route
from channels.message import Inbound, Language, Reply, Turn


class MessageRequest(BaseModel):
    """One message: typed `text` or a button's `payload`, never both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "我从四川到浙江送外卖，以前交的社保怎么办", "language": "zh"},
                {
                    "conversation_id": "3f2b8c1d9e4a4f5b8c7d6e5f4a3b2c1d",
                    "payload": '/change_region{"region":"CN-ZJ"}',
                    "message_id": "8b0c3a52-5d8e-4a44-9a1c-0c2c8c3c9f11",
                },
            ]
        },
    )

    conversation_id: Annotated[
        str | None, Field(description="From an earlier answer. Leave it out to start a conversation.")
    ] = None
    text: Annotated[str | None, Field(description="What the worker typed.")] = None
    payload: Annotated[str | None, Field(description="The payload of the button the worker pressed.")] = None
    language: Annotated[Language | None, Field(description="The language the worker reads.")] = None
    message_id: Annotated[
        str | None,
        Field(
            description="Your own id for this message, best a UUID. Sent again with the same id, the turn is "
            "taken once and the same answer returned. On a first message it counts from 16 characters."
        ),
    ] = None


class ButtonBody(BaseModel):
    """A button: show `title`, send `payload`."""

    title: str
    payload: str


class CitationBody(BaseModel):
    """A source, with the date its figure or rule is valid from."""

    title: str
    source: str
    as_of: str | None = None
    url: str | None = None


class SuggestionBody(BaseModel):
    """A related article; read it with the payload `/read{"article":"<article_id>"}`."""

    article_id: str
    title: str


class ChartRowBody(BaseModel):
    """One bar or group of bars: a number for each series, and the same numbers as they are written."""

    label: str
    values: list[float]
    texts: list[str]


class ChartBody(BaseModel):
    """Figures to draw; the same rows are the table for who cannot see the picture."""

    title: str
    unit: str
    series: Annotated[list[str], Field(description="Names of the bars of a group; empty: one bar a row.")]
    rows: list[ChartRowBody]


class ReplyBody(BaseModel):
    """One thing the assistant says."""

    text: str
    buttons: list[ButtonBody]
    image_url: str | None
    citations: list[CitationBody]
    outcome: Annotated[str | None, Field(description="How the turn ended: answered, clarify, error_timeout, …")]
    article_id: str | None
    next_steps: list[str]
    suggestions: list[SuggestionBody]
    reviewed_on: Annotated[str | None, Field(description="The day staff last checked the article, ISO 8601.")]
    language: Language | None
    region: Annotated[str | None, Field(description="Where the worker pays, as far as is known: CN-ZJ")] = None
    chart: ChartBody | None = None


class TurnBody(BaseModel):
    """The answer to one message: at least one reply, and the id to send with the next message."""

    conversation_id: str
    replies: list[ReplyBody]


class WebChannel:
    """The web chat, the terminal chat and platforms that call the HTTP API."""

    name = "web"
    routes = (Route("POST", "/api/v1/messages"),)

    def parse(self, request: MessageRequest, sender_address: str) -> Inbound:
        """The request as a neutral message."""
        return Inbound(channel=self.name, sender_address=sender_address, **request.model_dump())

    def render(self, reply: Reply) -> ReplyBody:
        """The reply as JSON; nothing is cut, a browser has no limit that matters here."""
        return ReplyBody.model_validate(asdict(reply))

    def render_turn(self, turn: Turn) -> TurnBody:
        """The whole turn as JSON."""
        return TurnBody(conversation_id=turn.conversation_id, replies=[self.render(reply) for reply in turn.replies])

    async def send(self, contact: str, reply: Reply) -> None:
        """Never possible: a browser that has gone cannot be written to."""
        raise PushUnsupported("the web channel only answers")
