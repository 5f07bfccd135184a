"""Settings: one validated class a concern, from COMPLAINT_GRAPH_… variables, passed in everywhere.

Nested names are joined by two underscores: COMPLAINT_GRAPH_NEO4J__URI. A folder that
COMPLAINT_GRAPH_SECRETS names may hold values in files, named like the variables.
"""

import os
import re
from collections.abc import Collection, Iterable
from datetime import time, timedelta
from decimal import Decimal
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays import country_holidays, list_supported_countries
from platformdirs import user_data_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from strawberry.http.websocket_origin import normalize_origin

from graph.domain.access import Role
from graph.domain.answers import AnswerTerms
from graph.domain.calendars import Calendar
from graph.domain.deadlines import TimeLimits
from graph.domain.money import SHIPPED_BOUNDS, AmountBands
from graph.domain.openings import OpeningTerms
from graph.domain.retention import RetentionTerms
from graph.embedded import EngineOptions
from graph.embedded.memory import gigabytes, share
from graph.errors import ConfigurationError
from graph.validation import Place, nearest, problems
from ingest.drafting import RephrasingOptions
from ingest.prepare import IntakeRules
from schema.analyses import TurnOptions
from schema.follower import FollowerOptions
from schema.limits import Limits
from schema.rates import Rates
from similarity.encoding import BUNDLED, Backend, EncoderOptions, RemoteOptions
from similarity.refitting import RefitPolicy
from similarity.settings import SearchOptions
from similarity.usefulness import UsefulnessWeights

PREFIX = "COMPLAINT_GRAPH_"
#: What Kubernetes sets by itself beside a service that is called complaint-graph.
_OF_KUBERNETES = re.compile(
    rf"{PREFIX}(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)"
)


_SCHEMES = frozenset({"http", "https"})
_REDIS = frozenset({"redis", "rediss", "redis+sentinel", "redis+cluster"})
_ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)


def _secure(url: str) -> bool:
    """Over https, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)


_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@cache
def _office(country: str, zone: str, opens: time, closes: time) -> Calendar:
    """The working days of a country; each day is looked up once in a process."""
    hours = (timedelta(hours=at.hour, minutes=at.minute) for at in (opens, closes))
    return Calendar(ZoneInfo(zone), cache(country_holidays(country).is_working_day), *hours)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Neo4jSettings(_Section):
    """Another Neo4j server, or how the embedded one is run."""

    uri: str | None = Field(None, description="another server's address; unset: the embedded one")
    user: str = Field("neo4j", description="user of that server")
    password: SecretStr = Field(SecretStr(""), description="password of that server")
    database: str = Field("neo4j", description="database on that server")
    read_seconds: float = Field(30.0, gt=0, description="a read that takes longer is ended")
    heap_mb: int | None = Field(
        None, ge=256, description="heap of the embedded engine; unset: by the machine's memory"
    )
    page_cache_mb: int | None = Field(
        None, ge=32, description="page cache of the embedded engine; unset: by the machine's memory"
    )
    start_seconds: float = Field(180.0, gt=0, description="bound on the embedded engine's start")
    maven_repositories: tuple[str, ...] = Field(
        (), description="Maven mirrors to ask first for the embedded engine's jars (JSON list)"
    )


class EncoderSettings(_Section):
    """The model that turns texts into vectors."""

    model: str = Field(BUNDLED, description="the bundled one, a folder, a hub id, or remote:name")
    prompt: str | None = Field(None, description="put before every text; unset: the model's own")
    window: int | None = Field(None, gt=8, description="tokens a window; unset: chosen by model")
    threads: int | None = Field(None, ge=1, description="CPU threads; unset: all cores")
    backend: Backend = Field(
        Backend.AUTO,
        description="what computes: openvino (the bundled model on a CPU), torch, or auto",
    )
    url: str | None = Field(
        None,
        description="an OpenAI-compatible server, such as https://models.bank.example/v1; "
        "MODEL=remote:BAAI/bge-m3 is a model there",
    )
    key: SecretStr | None = Field(None, description="the key of that server")
    seconds: float = Field(60.0, gt=0, le=600, description="how long one answer is waited for")

    @model_validator(mode="after")
    def _served(self) -> Self:
        if self.url is not None and not _secure(self.url):
            raise ValueError("URL must begin with https://, or lie on this machine")
        return self

    @property
    def remote(self) -> RemoteOptions | None:
        """None: every model runs here."""
        if self.url is None:
            return None
        key = None if self.key is None else self.key.get_secret_value()
        return RemoteOptions(self.url, key, self.seconds)


class SearchSettings(_Section):
    """How similar cases and precedents are found and ranked."""

    pool: int = Field(100, ge=10, le=500, description="candidates of each ranking before fusion")
    lexical_weight: float = Field(
        0.3, ge=0, le=10, description="weight of words in hybrid search; that of vectors is 1"
    )
    branch_days: int = Field(180, ge=1, description="how near in time a branch's like cases are")
    same_case: float = Field(0.96, ge=0, le=1, description="cosine from which cases are one case")
    precedent_floor: float = Field(0.9, ge=0, le=1, description="likeness a precedent needs")
    similarity_share: float = Field(0.7, ge=0, le=1, description="weight of likeness in precedents")
    agreement: float = Field(
        0.2, ge=0, le=10, description="weight of the same type and product in precedents"
    )
    outcome_weight: float = Field(0.25, ge=0, description="weight of a clear outcome")
    satisfaction_weight: float = Field(0.25, ge=0, description="weight of a satisfied customer")
    lasting_weight: float = Field(0.2, ge=0, description="weight of not coming back")
    timely_weight: float = Field(0.1, ge=0, description="weight of a decision in time")
    recency_weight: float = Field(0.2, ge=0, description="weight of a recent case")


class BusinessSettings(_Section):
    """The bank's own rules."""

    zone: str = Field("Asia/Shanghai", description="the zone of days, weeks and months")
    register_hours: int = Field(24, ge=1, description="hours from receipt to registration")
    decide_days: int = Field(15, ge=1, description="days from receipt to decision")
    complex_days: int = Field(30, ge=1, description="the same for a complex case")
    review_days: int = Field(30, ge=1, description="days from the request to the end of a review")
    extension_days: int = Field(30, ge=0, description="more days with leave, in all")
    due_soon_share: float = Field(
        0.8, gt=0, lt=1, description="part of the time after which to warn"
    )
    working_days: str | None = Field(
        None, description="count working days of this country (such as CN); unset: calendar days"
    )
    opens_at: time = Field(
        time(9), description="when a working day begins; with calendar days the clock runs on"
    )
    closes_at: time = Field(time(17), description="when a working day ends")
    procedures: Path | None = Field(
        None, description="file of standard procedures; unset: the shipped one"
    )
    currency: str = Field("CNY", pattern="^[A-Z]{3}$", description="the bank's own currency")
    medium_amount: Decimal = Field(
        Decimal(1000), ge=0, description="from here an amount of the own currency is medium"
    )
    large_amount: Decimal = Field(
        Decimal(50000), ge=0, description="from here an amount of the own currency is large"
    )
    amount_bands: dict[str, tuple[Decimal, Decimal]] = Field(
        {}, description='both bounds by currency, such as {"USD": [150, 7000]}; others as shipped'
    )

    people_per_identifier: int = Field(
        3, ge=1, description="people behind one number up to which it still joins complaints"
    )

    @field_validator("working_days")
    @classmethod
    def _country(cls, country: str | None) -> str | None:
        if country is not None and country not in list_supported_countries():
            raise ValueError(f"there is no calendar of {country!r}; use an ISO code such as CN")
        return country

    @property
    def limits(self) -> TimeLimits:
        return TimeLimits(
            register_hours=self.register_hours,
            decide_days=self.decide_days,
            complex_days=self.complex_days,
            review_days=self.review_days,
            extension_days=self.extension_days,
            due_soon_share=self.due_soon_share,
            calendar=self._calendar(),
        )

    def _calendar(self) -> Calendar:
        if self.working_days is None:
            return Calendar(ZoneInfo(self.zone))
        return _office(self.working_days, self.zone, self.opens_at, self.closes_at)

    @model_validator(mode="after")
    def _day(self) -> Self:
        if self.opens_at >= self.closes_at:
            raise ValueError("a working day ends (CLOSES_AT) after it begins (OPENS_AT)")
        return self

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                f"there is no time zone {zone!r}; use one such as Asia/Shanghai"
            ) from error
        return zone


class ClusterSettings(_Section):
    """When the service makes the root-cause clusters anew by itself."""

    automatic: bool = Field(True, description="the service makes clusters anew by itself")
    first_texts: int = Field(100, ge=10, description="texts from which there are clusters at all")
    refit_share: float = Field(
        0.1, gt=0, description="made anew when texts have changed by this share of the last fit's"
    )
    refit_texts: int = Field(5_000, ge=1, description="or by so many texts")
    quiet_from: int = Field(
        2, ge=0, le=23, description="hour of the bank's zone from which that is done"
    )
    quiet_hours: int = Field(
        4, ge=1, le=24, description="so many hours; with twice the texts it does not wait for them"
    )


class DeskSettings(_Section):
    """How cases are worked on."""

    rules: Path | None = Field(
        None, description="the bank's own rules of escalation (TOML); unset: the shipped ones"
    )
    drill_days: int | None = Field(
        1095,
        ge=1,
        description="days for which answers in drills are kept, null for good",
    )
    choices: int = Field(
        200,
        ge=1,
        le=500,
        description="products, branches, departments or causes that a page's field lists; of more "
        "it suggests those that fit what is typed",
    )


class AnswerSettings(_Section):
    """What the bank says of itself in answers to customers; what is unset is not said."""

    bank: str | None = Field(None, description="the name under an answer")
    telephone: str | None = Field(None, description="where customers ask for a review by telephone")
    regulator: str | None = Field(
        None, description="what the regulator's channel for complaints is called"
    )
    request_days: int | None = Field(
        None, ge=1, description="days, as those of deadlines, in which a review can be asked for"
    )
    payment_days: int | None = Field(
        None, ge=1, description="days, as those of deadlines, until compensation arrives"
    )
    templates: Path | None = Field(
        None, description="file of the sentences of drafts; unset: the shipped one"
    )
    model_url: str | None = Field(
        None,
        description="an OpenAI-compatible endpoint that may rephrase drafts, such as "
        "https://models.bank.example/v1; unset: none does",
    )
    model: str | None = Field(None, description="the model to ask for there")
    model_key: SecretStr | None = Field(None, description="the key of that endpoint")
    model_seconds: float = Field(20.0, gt=0, le=120, description="how long it is waited for")

    @model_validator(mode="after")
    def _modelled(self) -> Self:
        if self.model_url is not None and not _secure(self.model_url):
            raise ValueError("MODEL_URL must begin with https://, or lie on this machine")
        if (self.model_url is None) != (self.model is None):
            raise ValueError("MODEL_URL and MODEL are set together")
        return self

    @property
    def rephrasing(self) -> RephrasingOptions | None:
        """None: drafts stay as the templates make them."""
        if self.model_url is None or self.model is None:
            return None
        key = None if self.model_key is None else self.model_key.get_secret_value()
        return RephrasingOptions(self.model_url, self.model, key, self.model_seconds)


class ServerSettings(_Section):
    """Where the service listens, and who may come in from elsewhere."""

    host: str = Field(
        "127.0.0.1",
        description="the address to listen on; another than a loopback address needs a sign-in",
    )
    port: int = Field(8000, ge=1, le=65535, description="port of the service")
    workers: int = Field(
        1, ge=1, le=64, description="processes that answer; several share one that encodes"
    )
    keep_alive_seconds: int = Field(
        5,
        ge=1,
        description="how long a connection without a request stays open; a proxy that keeps its "
        "own for longer may send a request into one that closes; renewed processes wait as long",
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="names by which it is asked beside those of this machine (JSON list)"
    )
    allowed_origins: tuple[str, ...] = Field(
        (),
        description='origins whose pages may use it, such as ["https://desk.bank.example"] (CORS)',
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="addresses of proxies whose X-Forwarded-For and -Proto are believed"
    )

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in _SCHEMES or normalize_origin(origin) != origin:
                raise ValueError(
                    f"{origin!r} is no origin: write scheme, host and port as browsers do, such as "
                    f"https://desk.bank.example, in small letters, without a path or a usual port"
                )
        return origins


class AccessSettings(_Section):
    """The bank's sign-in (OpenID Connect), and how its claims are read."""

    issuer: str | None = Field(
        None, description="the OpenID provider, as it calls itself; unset: none is set up"
    )
    audience: str | None = Field(
        None, description="whom bearer tokens must be for; unset: none are taken, only API keys"
    )
    client_id: str | None = Field(
        None, description="this service at the provider; unset: browsers do not sign in"
    )
    client_secret: SecretStr | None = Field(
        None, description="its secret; unset: a public client (PKCE is used in any case)"
    )
    scopes: str = Field("openid profile", description="what is asked for at the provider")
    algorithms: tuple[str, ...] = Field(
        ("RS256", "PS256", "ES256", "EdDSA"), description="signatures that are taken (JSON list)"
    )
    skew_seconds: int = Field(60, ge=0, le=300, description="how far clocks may be apart")
    keys_seconds: float = Field(
        600.0, ge=10, description="how often the provider's keys are fetched"
    )
    actor_claim: str = Field("sub", description="the claim that stands in events; never reused")
    name_claim: str = Field("name", description="the claim with a person's name")
    roles_claim: str = Field(
        "roles", description="the claim with roles, also a path such as `realm_access.roles`"
    )
    branches_claim: str = Field(
        "branches", description="the claim with codes of branches; `*` is the whole bank"
    )
    departments_claim: str = Field("departments", description="the claim with departments' codes")
    roles: dict[str, Role] = Field(
        {}, description='what the provider calls roles, such as {"cms-desk": "HANDLER"}'
    )
    policy: Path | None = Field(
        None, description="the bank's own table of what roles may do (TOML); unset: the shipped one"
    )
    session_hours: float = Field(10.0, gt=0, le=24, description="how long a browser is signed in")
    idle_minutes: float = Field(60.0, gt=0, description="or until it was not used for so long")
    opening_minutes: float = Field(
        60.0, gt=0, le=1_440, description="how long a case from beyond reach stays open"
    )
    openings: int = Field(5, ge=0, description="how many of these one person has open at once")
    log_days: int = Field(
        1_826, ge=1, description="how long the record of who looked at which case is kept"
    )

    @property
    def opening_terms(self) -> OpeningTerms:
        """How cases from beyond reach are opened."""
        return OpeningTerms(timedelta(minutes=self.opening_minutes), self.openings)

    @field_validator("algorithms")
    @classmethod
    def _asymmetric(cls, algorithms: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in algorithms if name not in _ASYMMETRIC]
        if wrong or not algorithms:
            raise ValueError(
                f"takes signatures of public keys only ({', '.join(sorted(_ASYMMETRIC))}), not "
                f"{', '.join(wrong) or 'none'}"
            )
        return algorithms

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer is not None and not _secure(self.issuer):
            raise ValueError("ISSUER must begin with https://")
        if self.issuer is None and (self.audience or self.client_id):
            raise ValueError("AUDIENCE and CLIENT_ID need the provider's address, ISSUER")
        if self.issuer is not None and not (self.audience or self.client_id):
            raise ValueError(
                "an ISSUER needs AUDIENCE (bearer tokens), CLIENT_ID (browsers), or both"
            )
        return self


class WebhookSettings(_Section):
    """Where webhooks may lead (docs/webhooks.md)."""

    hosts: tuple[str, ...] = Field(
        (), description="names of hosts that may be told what happens (JSON list); unset: none"
    )
    networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        (),
        description='networks in which their addresses lie, such as ["10.20.0.0/16"]; unset: any '
        "public address",
    )
    ca_file: Path | None = Field(
        None, description="certificates that their own are proved by; unset: the usual ones"
    )
    seconds: float = Field(10.0, gt=0, le=60, description="how long a receiver may take")


class LiveSettings(_Section):
    """Subscriptions: how events are followed, and how much of it one process does."""

    poll_seconds: float = Field(0.5, gt=0, description="how often new events are looked for")
    queue: int = Field(10_000, ge=1, description="events kept for a subscriber that is behind")
    subscriptions: int = Field(1_000, ge=1, description="subscriptions at once in one process")
    connections: int = Field(
        500, ge=1, description="websockets at once in one process, of those who are known"
    )
    per_person: int = Field(50, ge=1, description="of these one person's")
    waiting: int = Field(
        100, ge=1, description="websockets at once that have not introduced themselves yet"
    )
    waiting_per_address: int = Field(20, ge=1, description="of these one address's")
    per_connection: int = Field(20, ge=1, description="subscriptions at once on one websocket")
    init_seconds: float = Field(5.0, gt=0, description="a websocket must introduce itself within")
    idle_seconds: float = Field(
        60.0, gt=0, description="one without a subscription is closed after"
    )
    identify_seconds: float = Field(
        30.0, gt=0, description="how often a websocket is asked again whether it may stay open"
    )
    send_seconds: float = Field(
        60.0, gt=0, description="one that takes no message is dropped after"
    )
    streams: int = Field(
        4, ge=1, description="browsers of one person that the console tells at once what happens"
    )
    heartbeat_seconds: float = Field(
        15.0, gt=0, description="how often such a browser hears that it still hears"
    )


class JobSettings(_Section):
    """Imports, exports and refits that people begin, and what is kept of them."""

    kept_days: float = Field(30.0, gt=0, description="how long it is kept what became of a job")
    upload_mb: int = Field(200, ge=1, description="megabytes of a file that is sent, at most")
    export_hours: float = Field(24.0, gt=0, description="how long the file of an export is kept")
    intake: Path | None = Field(
        None, description="folder of mappings, one for each source that sends by itself"
    )

    @property
    def kept(self) -> timedelta:
        return timedelta(days=self.kept_days)


#: Points a minute of each role: a desk, its reports and what programs send stay far below.
_RATES: dict[Role, int | None] = {
    Role.HANDLER: 600_000,
    Role.SUPERVISOR: 600_000,
    Role.ANALYST: 600_000,
    Role.AUDITOR: 600_000,
    Role.ADMINISTRATOR: 1_200_000,
    Role.SERVICE: 6_000_000,
    Role.CUSTOMER: 60_000,
}


class LimitSettings(_Section):
    """What one document may ask for, one person in a minute, and all analysts at once."""

    tokens: int = Field(2_000, ge=100, description="words and signs of a document at most")
    aliases: int = Field(50, ge=1, description="aliases of a document at most")
    depth: int = Field(15, ge=5, description="levels of a document at most")
    cost: int = Field(50_000, ge=1_000, description="points that an operation may cost at most")
    message: int = Field(
        1_000, ge=10, description="points that each message of a subscription may cost at most"
    )
    mutations: int = Field(1, ge=1, description="mutations of a document at most")
    rates: dict[Role, int | None] = Field(
        {},
        description='points a minute by role, such as {"ANALYST": 300000}, null for unlimited; '
        f"others as shipped: {', '.join(f'{role} {rate:,}' for role, rate in _RATES.items())}",
    )
    local_rate: int | None = Field(
        None,
        description="the same for whoever is at this machine, where no sign-in is set up; unset: "
        "unlimited",
    )
    redis: SecretStr | None = Field(
        None,
        description="address of a Redis where processes share what people have spent; unset: each "
        "process counts by itself",
    )
    analyses: int = Field(2, ge=1, description="analyses at once in one process")
    analysis_seconds: float = Field(
        30.0, gt=0, description="how long an analysis may wait for its turn"
    )

    @field_validator("redis")
    @classmethod
    def _address(cls, redis: SecretStr | None) -> SecretStr | None:
        if redis is not None and urlsplit(redis.get_secret_value()).scheme not in _REDIS:
            raise ValueError(f"takes an address that begins with {', '.join(sorted(_REDIS))}")
        return redis

    @model_validator(mode="after")
    def _affordable(self) -> Self:
        """No bucket is smaller than the largest operation that is taken: it could never run."""
        for name, rate in (*self.by_role.items(), ("LOCAL_RATE", self.local_rate)):
            if rate is not None and rate < self.cost:
                raise ValueError(
                    f"the rate of {name} is less than an operation may cost (COST, "
                    f"{self.cost:,}): raise it, or lower COST"
                )
        return self

    @property
    def by_role(self) -> dict[Role, int | None]:
        return {**_RATES, **self.rates}


class DocumentSettings(_Section):
    """Which documents of clients are run."""

    mode: Literal["open", "reporting", "required"] = Field(
        "open",
        description="what is not in the manifest is run (open), is run and logged (reporting), or "
        "is refused (required)",
    )
    manifest: Path | None = Field(
        None, description="JSON file of known documents, in Apollo's or the plain format"
    )

    @model_validator(mode="after")
    def _listed(self) -> Self:
        if self.mode != "open" and self.manifest is None:
            raise ValueError(f"the mode {self.mode} needs a MANIFEST")
        return self


class PrivacySettings(_Section):
    """The installation key, under which identifiers are hashed; how long people are kept."""

    key: SecretStr | None = Field(
        None, description="the key as 64 hex digits; unset: generated once in the data folder"
    )
    retention_days: int | None = Field(
        None, ge=30, description="days after which a closed case's person is erased; unset: never"
    )
    retention_by_product: dict[str, Annotated[int, Field(ge=30)]] = Field(
        {}, description='the same by code of a product, such as {"LOAN": 3650} (JSON)'
    )


class TelemetrySettings(_Section):
    """Where traces and metrics go; nothing leaves the process unless one of these is set."""

    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^/\s][^\s]*[^/\s]$",
        description="an OpenTelemetry collector for traces and metrics by HTTP, such as "
        "http://127.0.0.1:4318; unset: none",
    )
    sampled: float = Field(
        0.1, ge=0.0, le=1.0, description="share of requests of which there are traces"
    )
    prometheus_port: int | None = Field(
        None, ge=1, le=65535, description="port at which Prometheus reads metrics; unset: none"
    )
    prometheus_host: str = Field("127.0.0.1", description="the address of that port")
    figures_seconds: float = Field(
        15.0, gt=0.0, description="how often the graph is asked for its figures"
    )

    @property
    def exported(self) -> bool:
        """Whether anything reads what is measured."""
        return self.otlp_endpoint is not None or self.prometheus_port is not None


class Settings(BaseSettings):
    """All settings of one process."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", frozen=True
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("complaint-graph"),
        description="the data folder; unset: the platform's user data folder",
    )
    environment: Literal["development", "production"] = Field(
        "development",
        description="production asks everyone to sign in, shows neither query page nor schema, and "
        "takes no query by GET",
    )
    secrets: Path | None = Field(
        None,
        description="a folder of files that are named like variables and hold their values, for "
        "passwords and keys; a variable goes before a file",
    )
    neo4j: Neo4jSettings = Neo4jSettings()
    encoder: EncoderSettings = EncoderSettings()
    search: SearchSettings = SearchSettings()
    business: BusinessSettings = BusinessSettings()
    desk: DeskSettings = DeskSettings()
    answers: AnswerSettings = AnswerSettings()
    clusters: ClusterSettings = ClusterSettings()
    server: ServerSettings = ServerSettings()
    access: AccessSettings = AccessSettings()
    live: LiveSettings = LiveSettings()
    webhooks: WebhookSettings = WebhookSettings()
    limits: LimitSettings = LimitSettings()
    jobs: JobSettings = JobSettings()
    documents: DocumentSettings = DocumentSettings()
    privacy: PrivacySettings = PrivacySettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed, then variables, then the files of the folder that these name."""
        told = (init_settings, env_settings)
        folders = [folder for source in told if (folder := source().get("secrets"))]
        if not folders:
            return told
        files = NestedSecretsSettingsSource(
            file_secret_settings, secrets_dir=folders[0], secrets_dir_missing="error"
        )
        if unknown := _unknown_names(files.env_vars, settings_cls.model_fields):
            raise SettingsError(f"{'; '.join(unknown)} (a file of {PREFIX}SECRETS)")
        return (*told, files)

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the environment, and the files that hold secrets.

        Raises:
            ConfigurationError: names the variable that is wrong, and why.
        """
        if unknown := _unknown_names(os.environ, cls.model_fields):
            raise ConfigurationError(f"{'; '.join(unknown)}.")
        try:
            return cls(**overrides)  # type: ignore[arg-type]
        except ValidationError as error:
            told = "; ".join(problems(error, cls, _variable))
            raise ConfigurationError(f"{told}.") from error
        except (SettingsError, OSError, UnicodeDecodeError) as error:
            # Of a file that cannot be decoded nothing is repeated: it holds a secret.
            told = "a file is no text" if isinstance(error, UnicodeDecodeError) else str(error)
            raise ConfigurationError(f"{PREFIX}SECRETS cannot be read: {told}.") from None

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        """Whoever can be reached asks who comes."""
        if self.server.loopback:
            return self
        if not self.signed_in_only:
            raise ValueError(
                f"{PREFIX}SERVER__HOST: others can reach {self.server.host}, and nobody has to "
                f"sign in as yet: set {PREFIX}ACCESS__ISSUER (the bank's sign-in) or "
                f"{PREFIX}ENVIRONMENT=production (API keys alone), or listen on 127.0.0.1"
            )
        if not self.server.allowed_hosts:
            raise ValueError(
                f"{PREFIX}SERVER__ALLOWED_HOSTS: name the hosts by which others reach "
                f'{self.server.host}, such as ["complaints.bank.example"]'
            )
        return self

    @property
    def signed_in_only(self) -> bool:
        """Whether nobody may ask without showing who it is."""
        return self.access.issuer is not None or self.environment == "production"

    @property
    def engine(self) -> EngineOptions:
        usual = share(gigabytes())
        return EngineOptions(
            home=self.home,
            heap_mb=self.neo4j.heap_mb or usual.heap,
            page_cache_mb=self.neo4j.page_cache_mb or usual.page_cache,
            start_timeout=self.neo4j.start_seconds,
            maven_repositories=self.neo4j.maven_repositories,
        )

    def encoder_options(self, model: str | None = None) -> EncoderOptions:
        """Options for the configured model, or for another one with its own defaults."""
        if model is not None and model != self.encoder.model:
            return EncoderOptions(
                model=model,
                threads=self.encoder.threads,
                backend=self.encoder.backend,
                remote=self.encoder.remote,
            )
        return EncoderOptions(
            model=self.encoder.model,
            prompt=self.encoder.prompt,
            window=self.encoder.window,
            threads=self.encoder.threads,
            backend=self.encoder.backend,
            remote=self.encoder.remote,
        )

    @property
    def retention_terms(self) -> RetentionTerms:
        """For how long closed cases are kept."""
        return RetentionTerms(self.privacy.retention_days, self.privacy.retention_by_product)

    @property
    def search_options(self) -> SearchOptions:
        result = self.search
        return SearchOptions(
            pool=result.pool,
            lexical_weight=result.lexical_weight,
            branch_days=result.branch_days,
            same_case=result.same_case,
            precedent_floor=result.precedent_floor,
            usefulness=UsefulnessWeights(
                similarity_share=result.similarity_share,
                agreement=result.agreement,
                outcome=result.outcome_weight,
                satisfaction=result.satisfaction_weight,
                lasting=result.lasting_weight,
                timely=result.timely_weight,
                recency=result.recency_weight,
            ),
        )

    @property
    def follower_options(self) -> FollowerOptions:
        return FollowerOptions(self.live.poll_seconds, self.live.queue, self.live.subscriptions)

    @property
    def document_limits(self) -> Limits:
        result = self.limits
        return Limits(
            tokens=result.tokens,
            aliases=result.aliases,
            depth=result.depth,
            cost=result.cost,
            mutations=result.mutations,
            message=result.message,
        )

    @property
    def rates(self) -> Rates:
        redis = self.limits.redis
        return Rates(
            self.limits.by_role,
            self.limits.local_rate,
            None if redis is None else redis.get_secret_value(),
        )

    @property
    def turns(self) -> TurnOptions:
        return TurnOptions(self.limits.analyses, self.limits.analysis_seconds)

    @property
    def refit_policy(self) -> RefitPolicy:
        result = self.clusters
        return RefitPolicy(
            zone=ZoneInfo(self.business.zone),
            first=result.first_texts,
            share=result.refit_share,
            count=result.refit_texts,
            quiet_from=result.quiet_from,
            hours=result.quiet_hours,
        )

    @property
    def answer_terms(self) -> AnswerTerms:
        """What answers say of reviews and payments: the limits are those of the business."""
        result = self.answers
        return AnswerTerms(
            review_days=self.business.review_days,
            request_days=result.request_days,
            payment_days=result.payment_days,
            working=self.business.working_days is not None,
            bank=result.bank,
            telephone=result.telephone,
            regulator=result.regulator,
        )

    @property
    def intake(self) -> IntakeRules:
        return IntakeRules(
            zone=ZoneInfo(self.business.zone),
            bands=AmountBands(
                (self.business.medium_amount, self.business.large_amount),
                self.business.currency,
                {**SHIPPED_BOUNDS, **self.business.amount_bands},
            ),
            limits=self.business.limits,
            most_people=self.business.people_per_identifier,
        )


def _unknown_names(names: Iterable[str], known: Collection[str]) -> list[str]:
    return [told for name in names if (told := _unknown(name, known))]


def _unknown(variable: str, known: Collection[str]) -> str | None:
    """What is to be said of a variable with our prefix that is no setting's; None: of any other."""
    upper = variable.upper()
    if not upper.startswith(PREFIX) or _OF_KUBERNETES.fullmatch(upper):
        return None
    section = upper.removeprefix(PREFIX).partition("__")[0]
    names = sorted(name.upper() for name in known)
    if section in names:
        return None
    near = nearest(section, names)
    for name in names:
        if section.startswith(f"{name}_"):
            near = f"; did you mean {upper.replace(f'{name}_', f'{name}__', 1)}?"
    near = near or f"; after {PREFIX} comes one of {', '.join(names)} (docs/settings.md)"
    return f"there is no setting {variable}{near}"


def _variable(place: Place) -> str:
    return PREFIX + "__".join(str(part) for part in place).upper()
