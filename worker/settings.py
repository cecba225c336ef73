"""Every setting, with its unit in the name and its reason beside it. The only reader of the environment.

Environment names are `FEEDMILL_<GROUP>__<NAME>` (`FEEDMILL_REDIS__URL`); the few without a group stand alone
(`FEEDMILL_DATA_DIR`). A secret may also stand in a file: `FEEDMILL_REDIS__PASSWORD_FILE=/run/secrets/redis`.
A TOML file named by `FEEDMILL_CONFIG` is read below the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
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
    EnvSettingsSource,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from worker import __version__, addresses
from worker.errors import SettingsError
from worker.net.fronts import networks

ENV_PREFIX = "FEEDMILL_"
LOG_FILE = "feedmill.log"
"""In the data folder: the log of a `feedmill run` on a terminal."""


MANY_SITES = (
    "beehiiv.com",
    "blogg.se",
    "canalblog.com",
    "dreamwidth.org",
    "ghost.io",
    "livejournal.com",
    "medium.com",
    "micro.blog",
    "neocities.org",
    "over-blog.com",
    "squarespace.com",
    "substack.com",
    "tumblr.com",
    "typepad.com",
    "weebly.com",
    "wordpress.com",
)


class Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Redis(Group):
    url: Annotated[str, AfterValidator(addresses.redis_url)] = Field(
        "", description="Redis or Valkey, e.g. redis://host:6379/0. Empty: an embedded Valkey in the data folder."
    )
    password: SecretStr = Field(SecretStr(""), description="Kept out of the URL, so that no log ever shows it.")
    prefix: str = Field(
        "feedmill",
        pattern=r"^[A-Za-z0-9_-]+$",
        description="First part of every key and the cluster hash tag; two installations can share a server.",
    )
    max_memory_bytes: int = Field(
        1 << 30,
        ge=0,
        description="Memory limit of the embedded Valkey (policy: noeviction, so it refuses rather than forgets); 0 = none.",
    )


class Index(Group):
    url: Annotated[str, AfterValidator(addresses.index_url)] = Field(
        "", description="http://host:9200: Elasticsearch 9. Empty: SQLite in the data folder."
    )
    api_key: SecretStr = Field(SecretStr(""), description="Elasticsearch API key (preferred over user and password).")
    scheduler_api_key: SecretStr = Field(
        SecretStr(""),
        description="The scheduler's, which may drop old events, for `feedmill run`: all others have api_key. Empty: that one, too.",
    )
    username: str = Field("", description="Elasticsearch user, when no API key is given.")
    password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    ca_file: str = Field("", description="CA certificate that signed Elasticsearch's; empty: the system's.")
    fingerprint: str = Field(
        "",
        description="SHA-256 fingerprint of Elasticsearch's certificate, or of its CA (it prints that at its first start), instead of a file.",
    )
    verify: bool = Field(
        True,
        description="false: its certificate is not checked. To this machine only, unless unprotected_host names the host as well.",
    )
    unprotected_host: str = Field(
        "",
        description="The host of the URL, said a second time: then plain http to it, or a certificate that nobody checks, is accepted beyond this machine.",
    )
    name: str = Field(
        "news",
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        description="First part of every index name: <name>-articles, <name>-events.",
    )
    templates: str = Field(
        "",
        description="Folder with edited copies of config/elasticsearch/*.json for `feedmill index setup` and `migrate`; what is not in it is taken as it is shipped.",
    )
    batch_items: int = Field(
        500, ge=1, le=2000, description="Documents per bulk write; larger ones gain nothing measurable."
    )
    batch_wait_s: float = Field(
        1.0, ge=0, description="How long the scheduler lets documents gather before it asks for a smaller batch."
    )
    report_s: float = Field(
        60.0,
        ge=0,
        description="How often polls, the feeds they were of and the state of the pipeline are written for dashboards (Elasticsearch only); 0: never. A minute shows a jam while it grows, for 1,440 small documents a day.",
    )
    event_retention_days: int = Field(30, ge=1, description="How long the ledger's events are kept.")


class Kibana(Group):
    url: Annotated[str, AfterValidator(addresses.kibana_url)] = Field(
        "", description="http://host:5601: the Kibana 9 that `feedmill kibana setup` puts the dashboards into."
    )
    api_key: SecretStr = Field(SecretStr(""), description="Elasticsearch API key (preferred over user and password).")
    username: str = Field("", description="User, when no API key is given; empty: Kibana without security.")
    password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    ca_file: str = Field("", description="CA certificate that signed Kibana's; empty: the system's.")
    unprotected_host: str = Field(
        "",
        description="The host of the URL, said a second time: then plain http to it is accepted beyond this machine.",
    )
    space: str = Field(
        "", pattern=r"^[a-z0-9_-]*$", description="Kibana space for the dashboards; empty: the default one."
    )
    wait_s: float = Field(
        120.0, ge=0, description="How long to wait for a Kibana that is starting: it takes a minute or two."
    )


class Net(Group):
    allow: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (),
        description="Networks outside the public internet that may be fetched, comma-separated (127.0.0.0/8); any port is allowed there.",
    )

    @field_validator("allow", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(
            ip_network(part.strip(), strict=False) if isinstance(part, str) else part for part in parts if part
        )

    host_delay_s: float = Field(
        2.0,
        ge=0,
        le=3600,
        description="Rest of a registrable domain, all its hosts together, between two requests; robots.txt may ask for more of a host.",
    )
    address_delay_s: float = Field(
        1.0,
        ge=0,
        le=3600,
        description="Rest of an IP address between two requests, whatever sites are there: a small server often has many.",
    )
    shared_addresses: Annotated[tuple[str, ...], NoDecode] = Field(
        ("loopback", "cdn"),
        description="Networks whose addresses may be asked any number of times at once, comma-separated; `loopback` is this machine, `cdn` what Cloudflare and Fastly publish as theirs: thousands of sites at each address, and thousands of machines behind it. Empty: the rule of one at a time holds everywhere.",
    )
    address_sites: int = Field(
        100,
        ge=0,
        description="An address where more registrable domains than this were met is a front of many machines, too, and no longer asked one at a time: a server with a hundred news sites is none that a visitor burdens. 0: never.",
    )
    many_sites: Annotated[tuple[str, ...], NoDecode] = Field(
        MANY_SITES,
        description="Domains whose hosts are sites of different people, though the Public Suffix List does not say so, comma-separated: each host is paced by itself there, but where one gets 429 or 503 with Retry-After all of them wait.",
    )

    @field_validator("shared_addresses", "many_sites", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(part.strip().lower() for part in parts if part.strip())

    @field_validator("shared_addresses")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        networks(value)
        return value

    user_agent: str = Field(
        "Feedmill/{version} (news archive; contact: {contact})",
        description="Sent with every request; {version} and {contact} are filled in.",
    )
    contact: str = Field(
        "operator not set", description="An address where a site's operator reaches you; please set it."
    )
    proxy: Annotated[str, AfterValidator(addresses.proxy_url)] = Field(
        "",
        description="HTTP proxy for every request; empty: none (the environment's proxies are ignored). With a proxy, addresses are checked by name only.",
    )
    dns_timeout_s: float = Field(5.0, gt=0, description="One name look-up.")
    connect_timeout_s: float = Field(10.0, gt=0, description="TCP and TLS handshake.")
    feed_deadline_s: float = Field(30.0, gt=0, description="One feed poll, all redirects included.")
    page_deadline_s: float = Field(45.0, gt=0, description="One article page, all redirects included.")
    max_wire_bytes: int = Field(5 << 20, ge=1024, description="Bytes of one answer as sent.")
    max_decoded_bytes: int = Field(
        10 << 20, ge=1024, description="Bytes of one answer after gzip, br, zstd: stops bombs."
    )


class Schedule(Group):
    tick_s: float = Field(
        0.1,
        gt=0,
        description="Pause of the scheduler between two rounds when there is nothing to do; a round costs about a millisecond.",
    )
    floor_s: float = Field(300.0, ge=0, description="A feed is never polled sooner than this after its last poll.")
    default_s: float = Field(900.0, gt=0, description="Interval of a feed about which nothing is known yet.")
    cap_s: float = Field(21600.0, gt=0, description="A healthy feed is polled at least this often.")
    error_cap_s: float = Field(
        86400.0, gt=0, description="Longest backoff of a failing feed; it is never given up silently."
    )
    apply_proposals: bool = Field(
        False,
        description="A feed that fails for days, is gone or silent is looked for on its site. What is found is proposed (`feedmill feeds list --proposals`); with this, a feed with the same title or entries is moved to at once, its old address kept in its history.",
    )
    polls_per_feed_day: float = Field(
        24.0,
        gt=0,
        description="Polls of a feed a day, in the mean over all feeds: busy ones get more, quiet ones less. 24 find news after a quarter of an hour in the mean and annoy nobody.",
    )
    polls_per_s: float = Field(
        0.0,
        ge=0,
        description="Most polls a second of the whole installation: what its line and machines bear; all feeds slow down alike. 0: no limit but the one above.",
    )
    max_in_flight: int = Field(
        400, ge=1, description="Leases at once over all workers: about two minutes of work on four cores."
    )
    batch_items: int = Field(
        20, ge=1, le=50, description="Articles or feeds per Celery task: 20 make Celery's cost 0.3 % of the work."
    )
    feed_lease_s: float = Field(180.0, gt=0, description="A claimed feed comes back after this when its worker died.")
    article_lease_s: float = Field(
        150.0,
        gt=0,
        description="A claimed article comes back after this; longer than fetch deadline plus the wait for the extractor.",
    )
    sweep_s: float = Field(5.0, gt=0, description="How often outlived leases are looked for.")
    max_pending: int = Field(
        200_000, ge=1, description="Articles in the frontier; above it no feed is polled (about 1.5 kB of Redis each)."
    )
    log_polls: int = Field(
        100,
        ge=0,
        le=1000,
        description="Polls of each feed that `feedmill feeds log` can tell of: 100 are four days of an average feed and 3 kB of Redis. 0: none is written down.",
    )
    idle_wait_s: float = Field(
        300.0,
        ge=0,
        description="`feedmill run --until-idle` ends when nothing can go on sooner than this: our own first retries come within it, a server's Retry-After may be a day.",
    )


class Fetch(Group):
    max_attempts: int = Field(4, ge=1, description="Tries of one article before it is `failed`.")
    retry_base_s: float = Field(
        30.0, gt=0, description="First retry after this; each further one waits four times as long."
    )
    retry_cap_s: float = Field(
        3600.0,
        gt=0,
        description="Longest wait of our own between two tries; a server's Retry-After is obeyed up to a day.",
    )
    max_claims: int = Field(
        3,
        ge=1,
        description="Workers that may die under an article before it is quarantined; from the second on it travels alone.",
    )
    robots: bool = Field(
        True,
        description="Obey robots.txt for article pages. Feeds were subscribed by a person and are exempt, as is usual.",
    )
    noindex: Literal["summary", "refuse", "ignore"] = Field(
        "summary",
        description="What is done with a page that says noindex to robots, in X-Robots-Tag or a meta element. `summary`: its text is not stored, but what its feed published of it is; `refuse`: nothing is; `ignore`: it is stored as any other, for archives that nobody outside can search, or with the sites' consent.",
    )
    robots_ttl_s: float = Field(86400.0, gt=0, description="RFC 9309: a copy should not be used longer than a day.")
    max_crawl_delay_s: float = Field(60.0, ge=0, description="A larger Crawl-delay in robots.txt is cut to this.")


class Extract(Group):
    method: Literal["cascade", "trafilatura"] = Field(
        "cascade",
        description="`cascade`: our own extractor, a second opinion, trafilatura where they disagree. `trafilatura`: that alone.",
    )
    min_words: int = Field(
        40, ge=0, description="A body with fewer words is no article (too_short); the feed's summary is kept instead."
    )
    timeout_s: float = Field(5.0, gt=0, description="Wall clock of one page in the child; then SIGKILL.")
    memory_bytes: int = Field(768 << 20, ge=64 << 20, description="Address space of the child (RLIMIT_AS).")
    recycle_items: int = Field(
        500, ge=1, description="Pages before the child is replaced: keeps leaks of C libraries small."
    )


class Furniture(Group):
    enabled: bool = Field(
        True,
        description="Learn which blocks stand in the texts of several stories of a site (donation box, newsletter) and cut them.",
    )
    stories: int = Field(
        3,
        ge=2,
        description="A block is furniture once so many different stories of one site have it; two may be chance.",
    )
    max_blocks: int = Field(
        4000,
        ge=100,
        description="Blocks remembered of one site, the least recently seen go first: about 200 articles, 100 kB of Redis at most.",
    )
    days: int = Field(
        30, ge=2, description="Furniture is forgotten when no article had it for so long (or half of it)."
    )
    gather_s: float = Field(
        60.0,
        ge=0,
        description="From the first new furniture of a site to the cleaning of its stored articles, so that one pass does for more.",
    )
    clean_items: int = Field(
        200,
        ge=1,
        description="Stored articles looked at by one cleaning task; the scheduler asks for one task a second at most.",
    )


class Seen(Group):
    days: int = Field(30, ge=1, description="An article is known at least this long after it last stood in a feed.")


class Outbox(Group):
    max_bytes: int = Field(
        256 << 20,
        ge=1 << 20,
        description="When the index is away the outbox grows to this, then articles are no longer claimed.",
    )
    max_deliveries: int = Field(
        20,
        ge=1,
        description="A document that is redelivered more often, with the index up, is set apart as a dead letter.",
    )


class Worker(Group):
    processes: int = Field(
        0,
        ge=0,
        description="Processes for feeds and articles; 0 = twice the cores (half of them wait for the network).",
    )
    straggler_s: float = Field(
        5.0,
        gt=0,
        description="A task stops waiting for its slowest pages after this; they end in the background under their leases.",
    )
    grace_s: float = Field(10.0, gt=0, description="Time from SIGTERM to the hard end.")


class Log(Group):
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe line that is written."
    )
    format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: readable on a terminal, JSON lines elsewhere."
    )


class Metrics(Group):
    port: int = Field(
        0,
        ge=0,
        le=65533,
        description="/metrics (Prometheus), /healthz and /readyz of a scheduler or worker; 0 = none. `feedmill run` gives "
        "its scheduler this port, its worker the next, its index worker the one after.",
    )
    host: str = Field("127.0.0.1", description="Address they listen on; in a container 0.0.0.0, they hold no secrets.")


class Websub(Group):
    base_url: Annotated[str, AfterValidator(addresses.public_url)] = Field(
        "",
        description="Public address at which hubs reach the callback, e.g. https://feeds.example.org; a proxy with TLS passes it on to host and port below. Empty: WebSub is off.",
    )
    host: str = Field("127.0.0.1", description="Address that the callback listens on.")
    port: int = Field(8378, ge=1, le=65535, description="Port that the callback listens on.")
    lease_s: float = Field(
        864000.0, ge=3600, description="Lease asked of a hub; it may give another. Renewed after about three quarters."
    )
    max_body_bytes: int = Field(
        5 << 20, ge=1024, description="Largest notification; it is only hashed for its signature, never stored or read."
    )


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    data_dir: Path = Field(
        Path("data"), description="Embedded Valkey, SQLite index, lock and logs. One `feedmill run` per folder."
    )
    feeds_file: Path = Field(Path("config/feeds.yaml"), description="Feed list that `feedmill run` keeps in step with.")
    redis: Redis = Redis()
    index: Index = Index()
    kibana: Kibana = Kibana()
    net: Net = Net()
    schedule: Schedule = Schedule()
    fetch: Fetch = Fetch()
    extract: Extract = Extract()
    furniture: Furniture = Furniture()
    seen: Seen = Seen()
    outbox: Outbox = Outbox()
    worker: Worker = Worker()
    websub: Websub = Websub()
    log: Log = Log()
    metrics: Metrics = Metrics()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        if isinstance(env_settings, EnvSettingsSource):  # the names of files are no settings of their group
            files = {f"{name}_FILE".lower() for name in secret_names()}
            env_settings.env_vars = {k: v for k, v in env_settings.env_vars.items() if k.lower() not in files}
        file = os.environ.get(ENV_PREFIX + "CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return (init_settings, env_settings, InitSettingsSource(settings_cls, _secrets_from_files()), *toml)

    @property
    def embedded_redis(self) -> bool:
        return not self.redis.url

    @property
    def embedded_index(self) -> bool:
        return not self.index.url

    @model_validator(mode="after")
    def _user_agent_can_be_filled_in(self) -> Self:
        try:
            self.user_agent.encode("ascii")
        except (KeyError, IndexError, ValueError):
            raise ValueError(
                "FEEDMILL_NET__USER_AGENT: only {version} and {contact} are filled in, and it must be ASCII"
            ) from None
        return self

    @property
    def user_agent(self) -> str:
        return self.net.user_agent.format(version=__version__, contact=self.net.contact)


def load(**overrides: Any) -> Settings:
    """Settings from arguments, environment, TOML file and defaults, in this order; SettingsError in one line."""
    file = os.environ.get(ENV_PREFIX + "CONFIG")
    if file and not Path(file).is_file():
        raise SettingsError(f"FEEDMILL_CONFIG names {file}, which is not a file")
    unknown = sorted(set(unknown_names(os.environ)))
    if unknown:
        raise SettingsError(f"no such setting: {', '.join(unknown)}; `feedmill config show` lists all names")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(problem) for problem in error.errors())) from None
    except ValueError as error:  # a TOML file that is no TOML, an environment value that is no JSON
        raise SettingsError(f"settings cannot be read: {error}") from None


def names() -> dict[str, str]:
    """Every environment name -> its description; the truth behind docs/settings.md and the compose test."""
    found: dict[str, str] = {ENV_PREFIX + "CONFIG": "A TOML file with settings; the environment goes before it."}
    for name, info in Settings.model_fields.items():
        group = info.annotation
        if isinstance(group, type) and issubclass(group, Group):
            for inner, inner_info in group.model_fields.items():
                found[f"{ENV_PREFIX}{name}__{inner}".upper()] = inner_info.description or ""
        else:
            found[f"{ENV_PREFIX}{name}".upper()] = info.description or ""
    for name in secret_names():
        found[name + "_FILE"] = f"A file that holds {name}, as containers hand secrets out."
    return found


def secret_names() -> list[str]:
    """Environment names of the secrets; each may also be given as `<name>_FILE`."""
    groups = ((name, info.annotation) for name, info in Settings.model_fields.items())
    return [
        f"{ENV_PREFIX}{name}__{inner}".upper()
        for name, group in groups
        if isinstance(group, type) and issubclass(group, Group)
        for inner, info in group.model_fields.items()
        if info.annotation is SecretStr
    ]


def _secrets_from_files() -> dict[str, Any]:
    """Secrets whose file is named in the environment, without the line end that editors add."""
    found: dict[str, Any] = {}
    for name in secret_names():
        file = os.environ.get(name + "_FILE")
        if file:
            group, inner = name.removeprefix(ENV_PREFIX).lower().split("__")
            try:
                found.setdefault(group, {})[inner] = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{name}_FILE: {file} cannot be read: {error}") from None
    return found


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """FEEDMILL_ names in the environment that no setting has: a misspelt one must not be ignored silently."""
    known = names()
    return [name for name in environment if name.startswith(ENV_PREFIX) and name.upper() not in known]


def _explain(problem: Any) -> str:
    path = [str(part) for part in problem["loc"]]
    name = (ENV_PREFIX + "__".join(path[:2])).upper()
    message: str = problem["msg"].removeprefix("Value error, ")
    if not path:  # said of several settings together: the message names them
        return message
    return f"{name}: {message} (given: {problem['input']!r})" if name in _showable() else f"{name}: {message}"


def _showable() -> set[str]:
    """Names whose value may be quoted. Not whole groups, misspelt names and addresses: a password may be in there."""
    addresses_too = {f"{ENV_PREFIX}{name}" for name in ("REDIS__URL", "INDEX__URL", "KIBANA__URL", "NET__PROXY")}
    groups = {
        ENV_PREFIX + name.upper() for name, info in Settings.model_fields.items() if isinstance(info.default, Group)
    }
    return names().keys() - secret_names() - addresses_too - groups
