"""One migration of an installation at a time: a record in the server says who is at it, and when he was last seen."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from worker.errors import ServerError

LASTS_S = 180.0
"""Longer than the longest request; who has not been seen for so long is taken for dead."""
_BEAT_S = 10.0


class Lease:
    """A component template that no index uses: the one kind of record that can be made by one only, and needs no index.

    `clock`: seconds since 1970.
    """

    def __init__(self, client: Elasticsearch, name: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._where = f"{name}-migration"
        self._clock = clock
        self._me = {"host": socket.gethostname(), "pid": os.getpid(), "token": secrets.token_hex(8)}
        self._beaten = 0.0

    def take(self) -> None:
        """Raises ServerError when somebody else has it. That of a process which has died is taken over."""
        try:
            self._put(create=True)
            return
        except BadRequestError:
            holder = self._holder()
        if holder and not self._is_dead(holder):
            ago = max(self._clock() - float(holder["at"]), 0.0)
            raise ServerError(
                f"another `feedmill index migrate` is at work (process {holder['pid']} on {holder['host']}, seen "
                f"{ago:.0f} s ago); if it was killed, try again in {max(LASTS_S - ago, 1):.0f} s"
            )
        self._put(create=False)
        if self._holder().get("token") != self._me["token"]:
            raise ServerError("another `feedmill index migrate` has just begun")

    def beat(self) -> None:
        """Now and then while at work."""
        if self._clock() - self._beaten > _BEAT_S:
            self._put(create=False)

    def give_back(self) -> None:
        self._client.options(ignore_status=404).cluster.delete_component_template(name=self._where)

    def _put(self, *, create: bool) -> None:
        self._beaten = self._clock()
        meta = {
            "description": "Who migrates indices of Feedmill at this moment.",
            "managed_by": "feedmill",
            **self._me,
            "at": self._beaten,
        }
        self._client.cluster.put_component_template(name=self._where, template={}, meta=meta, create=create)

    def _holder(self) -> dict[str, Any]:
        try:
            [found] = self._client.cluster.get_component_template(name=self._where)["component_templates"]
        except NotFoundError:
            return {}
        meta: dict[str, Any] = found["component_template"].get("_meta", {})
        return meta

    def _is_dead(self, holder: dict[str, Any]) -> bool:
        if self._clock() - float(holder.get("at", 0)) > LASTS_S:
            return True
        if holder.get("host") != self._me["host"]:
            return False
        try:
            os.kill(int(holder["pid"]), 0)
        except ProcessLookupError:
            return True
        except (KeyError, ValueError, PermissionError):
            return False
        return False
