"""What `doctor` asks Elasticsearch: its version, and whether a migration is under way."""

from __future__ import annotations

from elasticsearch import ApiError, TransportError

from worker.cli.check import Check
from worker.cli.terminal import count
from worker.settings import Settings
from worker.stores.elasticsearch.connect import Clients, one_line
from worker.stores.elasticsearch.generations import standings
from worker.stores.elasticsearch.layout import KINDS
from worker.wiring import elasticsearch


def check_elasticsearch(settings: Settings) -> Check:
    """Version and templates, with the credentials in force."""
    connection = elasticsearch(settings)
    clients = Clients(connection)
    try:
        nodes = clients.get().nodes.info(node_id="_local", metric="_none")["nodes"].values()
        versions = sorted({str(node["version"]) for node in nodes})
    except (ApiError, TransportError) as error:
        return Check("fail", "elasticsearch", one_line(error), "check FEEDMILL_INDEX__URL and its credentials")
    finally:
        clients.close()
    text = f"Elasticsearch {', '.join(versions)}"
    if any(not version.startswith("9.") for version in versions):
        return Check("fail", "elasticsearch", text, "Elasticsearch 9 is needed; 9.5 is what is tested")
    if connection.url.startswith("http://") and not (connection.api_key or connection.username):
        return Check(
            "warn", "elasticsearch", f"{text}, without credentials", "switch its security on outside of trials"
        )
    return Check("ok", "elasticsearch", text)


def check_migration(settings: Settings) -> list[Check]:
    """Indices of more than one generation: a migration goes on, was interrupted, or its old indices are still kept."""
    clients = Clients(elasticsearch(settings))
    try:
        found = standings(clients.get(), settings.index.name, KINDS)
    except (ApiError, TransportError):  # the checks before have said it
        return []
    finally:
        clients.close()
    begun = [kind.alias(settings.index.name) for kind, standing in found.items() if standing.following]
    kept = sum(len(standing.retired) for standing in found.values())
    if begun:
        advice = "should it not be at work any more: `feedmill index migrate` goes on with it, --abort takes it back"
        return [Check("warn", "migration", f"{', '.join(begun)} is being migrated", advice)]
    if kept:
        advice = "when searches are as they should be: `feedmill index migrate --drop-old`"
        return [Check("ok", "migration", f"{count(kept, 'old index', 'old indices')} kept from before", advice)]
    return []
