"""Every environment variable of the action server and the `shebao` command (`SHEBAO_…`), read once."""

from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CHINA = timezone(timedelta(hours=8))  # the day that rules and figures go by
DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}
PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """How answering runs; every field is `SHEBAO_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SHEBAO_", extra="ignore", frozen=True)

    knowledge_dir: Path = PROJECT / "knowledge"
    state_dir: Path = PROJECT / "var"
    database_url: SecretStr = SecretStr("")
    embedding_model: str = ""

    actions_host: str = "127.0.0.1"
    actions_port: Annotated[int, Field(gt=0, lt=65536)] = 5055

    knowledge_check_seconds: Annotated[float, Field(gt=0)] = 0.3  # how often the folder is looked at for changes

    # Deadlines shrink inwards: the gateway waits 4.5 s for Rasa, Rasa for the action, the action for retrieval.
    retrieval_deadline_seconds: Annotated[float, Field(gt=0, lt=4.5)] = 1.0

    question_retention_days: Annotated[int, Field(ge=1)] = 180
    worker_retention_days: Annotated[int, Field(ge=1)] = 730
    retention_check_seconds: Annotated[float, Field(gt=0)] = 3600.0

    @property
    def index_dir(self) -> Path:
        """Where the index of the knowledge folder is kept."""
        return self.state_dir / "index"

    @property
    def database(self) -> str:
        """The database's address: PostgreSQL where one is named, else SQLite in the state folder.

        An address without a driver, as other programs take it, gets ours.
        """
        address = self.database_url.get_secret_value() or f"sqlite:///{self.state_dir / 'shebao.db'}"
        scheme, colon, rest = address.partition(":")
        return f"{DRIVERS.get(scheme, scheme)}{colon}{rest}"
