"""Who may do what in Elasticsearch: keys in files, and Kibana's password. With an administrator's credentials."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from elasticsearch import ApiError, Elasticsearch, TransportError

from worker.errors import DataDirError, InputError, ServerError
from worker.settings import Settings
from worker.stores.elasticsearch.connect import Clients, one_line
from worker.stores.elasticsearch.keys import Kept, Keys
from worker.stores.elasticsearch.roles import Role
from worker.wiring import elasticsearch


class Access:
    """Every method raises ServerError in one line when Elasticsearch refuses."""

    def __init__(self, settings: Settings) -> None:
        self._connection = elasticsearch(settings)
        self._clients = Clients(self._connection)
        self._keys = Keys(self._clients.get(), settings.index.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clients.close()

    def set_kibana_password(self, password: str) -> None:
        try:
            self._clients.get().security.change_password(username="kibana_system", password=password)
        except (ApiError, TransportError) as error:
            raise ServerError(f"Elasticsearch does not take Kibana's password: {one_line(error)}") from None

    def put_roles(self) -> list[str]:
        return self._keys.put_roles()

    def ensure_key(self, role: Role, path: Path, *, renew: bool = False) -> Kept:
        """A working key of that role stands in `path` afterwards, readable to its owner only."""
        with self._as_in(path) as old:
            kept = self._keys.check(role, old) if old is not None else None
            if kept is not None and not renew:
                return kept
            _write_secret(path, self._keys.make(role))
            if kept is None or old is None:
                return Kept.NEW
            self._keys.let_expire(old)
            return Kept.REPLACED

    @contextlib.contextmanager
    def _as_in(self, path: Path) -> Iterator[Elasticsearch | None]:
        """A client with the key in that file; None where there is none."""
        try:
            key = path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            key = ""
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path} cannot be read: {error}") from None
        if not key:
            yield None
            return
        clients = Clients(replace(self._connection, api_key=key, username="", password=""))
        try:
            yield clients.get()
        finally:
            clients.close()


def _write_secret(path: Path, secret: str) -> None:
    """Complete or not at all, and never readable to others, not even for a moment."""
    draft = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
        draft.replace(path)
    except OSError as error:
        raise DataDirError(f"{path} cannot be written: {error.strerror}") from None
