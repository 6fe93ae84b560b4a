"""The settings: environment variables and `.env`, read once, checked, and handed to whoever needs them.

`.env.example` explains each one; a test keeps the two equal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.errors import FootnoteError
from retrieval.index.embedder import MINILM


class SettingsError(FootnoteError):
    """A missing or wrong setting, named."""


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a URL that begins with http:// or https:// is needed")
    return value.rstrip("/")


def _one_line(value: str) -> str:
    if not value.strip() or any(char.isspace() for char in value.strip()):
        raise ValueError("a name without spaces is needed")
    return value.strip()


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Name = Annotated[str, AfterValidator(_one_line)]


class Settings(BaseSettings):
    """Everything that can be set. Names of environment variables are the fields' names in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="forbid", frozen=True
    )

    discord_token: SecretStr | None = None
    message_content_intent: bool = False

    openai_api_key: SecretStr | None = None
    openai_base_url: HttpUrl | None = None
    chat_model: Name = "gpt-4.1-mini"
    embedding_model: Name = MINILM
    model_timeout: float = Field(default=90.0, ge=1, le=600)
    answer_judge: bool = False

    data_dir: Path = Path(".data")
    database_url: str | None = None
    chroma_url: HttpUrl | None = None
    starter_articles: Path = Path("articles")

    library_articles: int = Field(default=10_000, ge=1)
    library_megabytes: float = Field(default=200, gt=0)
    library_jobs: int = Field(default=5, ge=1)
    leave_days: float = Field(default=30, ge=0)
    feed_minutes: float = Field(default=60, ge=0.01)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def has_chat_model(self) -> bool:
        """Is there a model to ask, at OpenAI or elsewhere?"""
        return self.openai_api_key is not None or self.openai_base_url is not None

    @property
    def key(self) -> str | None:
        """The API key as text."""
        return self.openai_api_key.get_secret_value() if self.openai_api_key else None

    @property
    def database(self) -> str:
        """The SQLAlchemy URL: the one that is set, or a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'footnote.db'}"


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError with one sentence that names the setting."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError(" ".join(_sentence(dict(item)) for item in error.errors())) from error
    if settings.embedding_model != MINILM and not settings.has_chat_model:
        raise SettingsError(
            f"EMBEDDING_MODEL is {settings.embedding_model}, which needs OPENAI_API_KEY or OPENAI_BASE_URL; "
            f"remove it to use the built-in {MINILM}."
        )
    return settings


def _sentence(error: dict[str, Any]) -> str:
    name = str(error["loc"][0]).upper() if error["loc"] else "The settings"
    if error["type"] == "extra_forbidden":
        return f"{name} in .env is not a setting of Footnote; .env.example lists them all."
    message = str(error["msg"]).removeprefix("Value error, ")
    # Secrets are not repeated into terminals and logs.
    shown = "" if "KEY" in name or "TOKEN" in name else f" (it is {error['input']!r})"
    return f"{name} is wrong{shown}: {message[:1].lower()}{message[1:]}."
