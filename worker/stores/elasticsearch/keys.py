"""API keys, each of one role (roles.py): made, kept, brought up to date, renewed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from elasticsearch import ApiError, AuthenticationException, Elasticsearch, TransportError

from worker.errors import ServerError
from worker.stores.elasticsearch.connect import one_line
from worker.stores.elasticsearch.roles import Role, rights

OLD_LASTS = "1d"
"""How long a key goes on working that was replaced: time to start the processes again with the new one."""


class Kept(StrEnum):
    """What became of a key."""

    NEW = "new"
    AS_IT_WAS = "working"
    EXTENDED = "brought up to date"
    REPLACED = "renewed"


class Keys:
    """With an administrator's client; `own` makes a client with a key instead. Raises ServerError in one line."""

    def __init__(self, client: Elasticsearch, name: str) -> None:
        self._client = client
        self._name = name

    def put_roles(self) -> list[str]:
        """For users of Elasticsearch and Kibana: `<name>-reader` and so on."""
        names = []
        for role in Role:
            names.append(f"{self._name}-{role}")
            try:
                self._client.security.put_role(name=names[-1], **rights(role, self._name))
            except (ApiError, TransportError) as error:
                raise ServerError(f"Elasticsearch makes no role {names[-1]}: {one_line(error)}") from None
        return names

    def make(self, role: Role) -> str:
        """A new key, as it is written into a file."""
        try:
            answer = self._client.security.create_api_key(
                name=self._key_name(role), role_descriptors=self._descriptors(role)
            )
        except (ApiError, TransportError) as error:
            raise ServerError(f"Elasticsearch makes no API key: {one_line(error)}") from None
        return str(answer["encoded"])

    def check(self, role: Role, key: Elasticsearch) -> Kept | None:
        """Is it that role's key, and does it work? Rights that it lacks, or has too many of, are put right; its secret
        stays. None when there has to be a new one."""
        found = self._found(key)
        if found is None:
            return None
        if found["name"] not in (self._key_name(role), *self._former(role)):
            raise ServerError(f"the key in that file is {found['name']}, not the {role}'s; name another file")
        try:
            known = self._client.security.get_api_key(id=found["id"])["api_keys"]
            rights = known[0].get("role_descriptors", {}) if known else {}
            if _compared(rights) == _compared(self._descriptors(role)):
                return Kept.AS_IT_WAS
            self._client.security.update_api_key(id=found["id"], role_descriptors=self._descriptors(role))
        except ApiError as error:
            if error.status_code in (403, 404):  # another administrator made it, and only he may change it
                return None
            raise ServerError(f"Elasticsearch does not change the API key: {one_line(error)}") from None
        except TransportError as error:
            raise ServerError(f"Elasticsearch does not answer: {one_line(error)}") from None
        return Kept.EXTENDED

    def let_expire(self, key: Elasticsearch) -> None:
        """The key works for another day. One that does not work, or is somebody else's, is left alone."""
        found = self._found(key)
        if found is None:
            return
        try:
            self._client.security.update_api_key(id=found["id"], expiration=OLD_LASTS)
        except (ApiError, TransportError) as error:
            raise ServerError(
                f"the new key is made, but the old one ({found['id']}) goes on working: {one_line(error)}"
            ) from None

    def _found(self, key: Elasticsearch) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = key.security.authenticate().body.get("api_key", {})
        except AuthenticationException:
            return None
        except ApiError as error:
            raise ServerError(f"Elasticsearch cannot check the API key: {one_line(error)}") from None
        except TransportError as error:
            raise ServerError(f"Elasticsearch does not answer: {one_line(error)}") from None
        return found or None

    def _key_name(self, role: Role) -> str:
        return f"feedmill-{role}-{self._name}"

    def _former(self, role: Role) -> tuple[str, ...]:
        """Names of before: workers' keys were the only ones."""
        return (f"feedmill-worker-{self._name}",) if role is Role.WRITER else ()

    def _descriptors(self, role: Role) -> dict[str, Any]:
        return {self._key_name(role): rights(role, self._name)}


def _compared(descriptors: dict[str, Any]) -> list[Any]:
    """What counts: clusters' and indices' rights, in whatever order the server gives them."""
    return sorted(
        (
            sorted(each.get("cluster", [])),
            sorted((sorted(part["names"]), sorted(part["privileges"])) for part in each.get("indices", [])),
        )
        for each in descriptors.values()
    )
