"""Who may do what in Elasticsearch: the workers' API key with no more rights than they need, and Kibana's password."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from elasticsearch import ApiError, Elasticsearch, TransportError

from worker.errors import DataDirError, ServerError
from worker.settings import Settings
from worker.stores.elasticsearch.connect import Clients, Connection, one_line

WRITE = ["read", "index", "create_index", "view_index_metadata", "monitor", "maintenance"]


def worker_role(name: str) -> Mapping[str, Any]:
    """Write and search this installation's indices. Events alone may be deleted, by the day, when they expire."""
    return {
        "feedmill-worker": {
            "cluster": ["monitor"],
            "indices": [
                {"names": [f"{name}-articles*"], "privileges": WRITE},
                {"names": [f"{name}-events*"], "privileges": [*WRITE, "delete_index"]},
            ],
        }
    }


class Access:
    """With an administrator's credentials. Every method raises ServerError in one line when Elasticsearch refuses."""

    def __init__(self, settings: Settings) -> None:
        given = settings.index
        self._name = given.name
        self._connection = Connection(
            url=given.url,
            api_key=given.api_key.get_secret_value(),
            username=given.username,
            password=given.password.get_secret_value(),
            ca_file=given.ca_file,
        )
        self._clients = Clients(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clients.close()

    def set_kibana_password(self, password: str) -> None:
        try:
            self._client.security.change_password(username="kibana_system", password=password)
        except (ApiError, TransportError) as error:
            raise ServerError(f"Elasticsearch does not take Kibana's password: {one_line(error)}") from None

    def ensure_worker_key(self, path: Path) -> bool:
        """A working key stands in `path` afterwards, readable to its owner only. True when it had to be made."""
        with contextlib.suppress(FileNotFoundError):
            if self._works(path.read_text(encoding="utf-8").strip()):
                return False
        try:
            answer = self._client.security.create_api_key(
                name=f"feedmill-worker-{self._name}", role_descriptors=worker_role(self._name)
            )
        except (ApiError, TransportError) as error:
            raise ServerError(f"Elasticsearch makes no API key: {one_line(error)}") from None
        _write_secret(path, str(answer["encoded"]))
        return True

    @property
    def _client(self) -> Elasticsearch:
        return self._clients.get()

    def _works(self, key: str) -> bool:
        if not key:
            return False
        clients = Clients(replace(self._connection, api_key=key, username="", password=""))
        try:
            clients.get().security.authenticate()
        except ApiError as error:
            if error.status_code == 401:
                return False
            raise ServerError(f"Elasticsearch cannot check the API key: {one_line(error)}") from None
        except TransportError as error:
            raise ServerError(f"Elasticsearch does not answer: {one_line(error)}") from None
        finally:
            clients.close()
        return True


def _write_secret(path: Path, secret: str) -> None:
    """Complete or not at all, and never readable to others, not even for a moment."""
    draft = path.with_name(path.name + ".new")
    try:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
        draft.replace(path)
    except OSError as error:
        raise DataDirError(f"{path} cannot be written: {error.strerror}") from None
