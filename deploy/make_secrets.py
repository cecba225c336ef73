"""Makes the passwords of the compose installation, once: `python deploy/make_secrets.py FOLDER`.

FOLDER holds one sub-folder per service, each mounted into that service alone. Secrets are random, readable to their
owner only, and never replaced: a second run changes nothing, so `docker compose up` may run it every time. Only the
standard library is used.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from pathlib import Path

OURS = ("setup", "scheduler", "worker", "websub")
"""Each reaches Valkey; the keys to Elasticsearch that they have beside it are made by Elasticsearch."""
SERVICES = ("elasticsearch", "kibana", "valkey", *OURS)

KIBANA = """\
server.name: kibana
server.host: 0.0.0.0
server.shutdownTimeout: 5s
elasticsearch.hosts: ["http://elasticsearch:9200"]
elasticsearch.username: kibana_system
elasticsearch.password: "{password}"
xpack.encryptedSavedObjects.encryptionKey: "{key_1}"
xpack.security.encryptionKey: "{key_2}"
xpack.reporting.encryptionKey: "{key_3}"
telemetry.optIn: false
vis_type_vega.enableExternalUrls: false
"""

# Everything but what could lose the state or show others' traffic. INFO alone is asked for by `feedmill doctor`.
VALKEY_USERS = "user default on #{digest} ~* &* +@all -@dangerous +info\n"


def make(folder: Path) -> None:
    for service in SERVICES:
        (folder / service).mkdir(mode=0o700, parents=True, exist_ok=True)
    elastic = shared(folder / "elasticsearch/elastic_password")
    valkey = shared(folder / "valkey/password")
    kibana = shared(folder / "setup/kibana_password")
    keep(folder / "setup/elastic_password", elastic)
    for service in OURS:
        keep(folder / service / "valkey_password", valkey)
    keep(folder / "valkey/users.acl", VALKEY_USERS.format(digest=hashlib.sha256(valkey.encode()).hexdigest()))
    keys = {f"key_{number}": secrets.token_hex(32) for number in (1, 2, 3)}
    keep(folder / "kibana/kibana.yml", KIBANA.format(password=kibana, **keys))


def shared(path: Path) -> str:
    """The secret in `path`, made at the first call."""
    keep(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii")


def keep(path: Path, text: str) -> None:
    """Write once: complete or not at all, mode 0400 from the first byte on. No line end: some readers keep it."""
    if path.exists():
        return
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
    draft.rename(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python make_secrets.py FOLDER")
    make(Path(sys.argv[1]))
