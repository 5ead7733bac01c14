"""An answer as a channel would show it, without a server: through the same buttons, folding and rendering."""

import time

import httpx
from rich.console import Console

from actions.answering.answer import Answer
from actions.answering.folder import Texts
from actions.custom.desk import beside_the_text, buttons_of
from channels.message import Turn
from channels.rasa import fold
from channels.sentences import load_sentences
from channels.terminal import Chat
from channels.web import WebChannel

CHANNELS = ("terminal", "web")


def show(answer: Answer, texts: Texts, channel: str, region: str | None, out: Console) -> None:
    """Prints the reply: as the terminal chat shows it, or as the JSON that the web chat and platforms get."""
    said = {"text": answer.text, "buttons": buttons_of(answer, texts)}
    turn = WebChannel().render_turn(Turn("preview", fold([said, {"custom": beside_the_text(answer, region)}])))
    if channel == "web":
        out.print_json(turn.model_dump_json())
    else:
        with httpx.Client() as nobody:
            Chat(nobody, out, load_sentences(), answer.language, read_line=input, wait=time.sleep).show(turn)
