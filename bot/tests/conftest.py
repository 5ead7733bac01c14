"""Makes the bot's own components importable, as Rasa does when it runs in this folder."""

import sys
from pathlib import Path

BOT_FOLDER = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BOT_FOLDER))
