"""Every environment variable of the channel server (`SHEBAO_…`), read once."""

from pathlib import Path
from typing import Annotated

from limits import parse
from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _readable_rate(rate: str) -> str:
    """Refuse at start-up what could not be counted by later: `20/minute`, `1000 per hour`."""
    parse(rate)
    return rate


Rate = Annotated[str, AfterValidator(_readable_rate)]
Seconds = Annotated[float, Field(gt=0)]
# Below what the platforms allow: Telegram's bots send about 30 a second in all (core.telegram.org/bots/faq).
RATES = {"telegram": 25.0, "wechat": 50.0, "sms": 20.0}


class Settings(BaseSettings):
    """How the channel server runs; every field is `SHEBAO_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SHEBAO_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)] = 8000
    rasa_port: Annotated[int, Field(gt=0, lt=65536)] = 5005
    actions_port: Annotated[int, Field(gt=0, lt=65536)] = 5055
    rasa_url: str = ""
    actions_url: str = ""
    rasa_token: SecretStr = SecretStr("")

    rate_conversation: Rate = "20/minute"
    rate_address: Rate = "300/minute"
    max_text_characters: Annotated[int, Field(gt=0, le=4000)] = 500
    max_body_bytes: Annotated[int, Field(ge=1024)] = 16_384

    # Deadlines shrink inwards: WeChat waits 5 s for us, so we wait less for Rasa and Rasa less for an action.
    turn_deadline_seconds: Annotated[float, Field(gt=0, lt=5)] = 4.5
    actions_deadline_seconds: Seconds = 3.0
    ready_deadline_seconds: Seconds = 1.5

    conversation_lifetime_seconds: Seconds = 86_400
    conversation_capacity: Annotated[int, Field(gt=0)] = 5000

    public_url: str = ""  # how platforms reach us, such as https://help.example.org; some sign it
    contact_key: SecretStr = SecretStr("")  # at least 32 characters; left out, one is made in the state folder
    desk_token: SecretStr = SecretStr("")  # what a help desk shows to read and answer handoffs; left out, it cannot
    platforms_file: Path | None = None  # the platforms that embed the widget, with their keys and origins
    channel_processes: Annotated[int, Field(ge=1)] = 1  # that share the database; one takes up at once what is left
    max_webhook_bytes: Annotated[int, Field(ge=16_384)] = 131_072

    reminders: bool = True  # plan and deliver in this server; false where `shebao reminders work` runs beside it
    broker_url: SecretStr = SecretStr("")  # amqp://…, where several delivery processes share the work
    delivery_processes: Annotated[int, Field(ge=1)] = 1  # that share each platform's limit
    delivery_lease_seconds: Seconds = 60.0  # after it, the work of a process that died goes to another
    reminder_rates: dict[str, Annotated[float, Field(gt=0)]] = RATES  # messages a second to each app
    notify_deadline_seconds: Seconds = 5.0  # for a platform to take one message for its worker
    plan_every_seconds: Annotated[float, Field(ge=0)] = 900.0  # 0: this process does not plan

    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    paused: bool = False

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(origin.strip() for origin in value.split(",") if origin.strip())
        return value

    @field_validator("broker_url")
    @classmethod
    def _rabbitmq_or_none(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(("amqp://", "amqps://")):
            raise ValueError("nothing, or an address that begins with amqp:// or amqps://, is accepted")
        return value

    @property
    def rasa_address(self) -> str:
        """Where Rasa listens."""
        return self.rasa_url or f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_address(self) -> str:
        """Where the action server listens."""
        return self.actions_url or f"http://127.0.0.1:{self.actions_port}"
