"""What `doctor` asks Elasticsearch: its version, and whether a migration is under way."""

from __future__ import annotations

from elasticsearch import ApiError, Elasticsearch, TransportError

from worker.cli.check import Check
from worker.cli.terminal import count
from worker.settings import Settings
from worker.stores.elasticsearch.connect import Clients, Connection, one_line
from worker.stores.elasticsearch.generations import standings
from worker.stores.elasticsearch.layout import KINDS
from worker.wiring import elasticsearch


def check_elasticsearch(settings: Settings) -> tuple[Check, list[Check]]:
    """The server and its templates, with the credentials in force; and what is to be said of a migration."""
    connection = elasticsearch(settings)
    clients = Clients(connection)
    try:
        return _server(connection, clients.get()), _migration(settings.index.name, clients.get())
    finally:
        clients.close()


def _server(connection: Connection, client: Elasticsearch) -> Check:
    try:
        nodes = client.nodes.info(node_id="_local", metric="_none")["nodes"].values()
        versions = sorted({str(node["version"]) for node in nodes})
    except (ApiError, TransportError) as error:
        return Check("fail", "elasticsearch", one_line(error), "check FEEDMILL_INDEX__URL and its credentials")
    text = f"Elasticsearch {', '.join(versions)}"
    if any(not version.startswith("9.") for version in versions):
        return Check("fail", "elasticsearch", text, "Elasticsearch 9 is needed; 9.5 is what is tested")
    if connection.url.startswith("http://") and not (connection.api_key or connection.username):
        return Check(
            "warn", "elasticsearch", f"{text}, without credentials", "switch its security on outside of trials"
        )
    return Check("ok", "elasticsearch", text)


def _migration(name: str, client: Elasticsearch) -> list[Check]:
    """Indices of more than one generation: a migration goes on, was interrupted, or its old indices are still kept."""
    try:
        found = standings(client, name, KINDS)
    except (ApiError, TransportError):  # the checks before have said it
        return []
    begun = [kind.alias(name) for kind, standing in found.items() if standing.following]
    kept = sum(len(standing.retired) for standing in found.values())
    if begun:
        advice = "should it not be at work any more: `feedmill index migrate` goes on with it, --abort takes it back"
        return [Check("warn", "migration", f"{', '.join(begun)} is being migrated", advice)]
    if kept:
        advice = "when searches are as they should be: `feedmill index migrate --drop-old`"
        return [Check("ok", "migration", f"{count(kept, 'old index', 'old indices')} kept from before", advice)]
    return []
