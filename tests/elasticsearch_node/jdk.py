"""Finds a JDK that can run Elasticsearch 9 and compile the test node's plugin."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

OLDEST = 21
_SYSTEM_FOLDERS = ("/usr/lib/jvm", "/usr/java", "/opt/java", "/Library/Java/JavaVirtualMachines")


def find_jdk(environment: Mapping[str, str] = os.environ) -> tuple[Path | None, list[str]]:
    """The JDK to use, or None, and one line on each place that was looked at and would not do."""
    refused: list[str] = []
    for folder in _candidates(environment):
        if not (folder / "bin" / "javac").is_file():
            refused.append(f"{folder}: no javac")
        elif (version := _version(folder)) < OLDEST:
            refused.append(f"{folder}: version {version or 'unknown'}")
        else:
            return folder, refused
    return None, refused


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    for name in ("ES_JAVA_HOME", "JAVA_HOME"):
        if environment.get(name):
            yield Path(environment[name])
    found = [path for folder in _SYSTEM_FOLDERS if Path(folder).is_dir() for path in Path(folder).iterdir()]
    homes = {(path / "Contents" / "Home" if sys.platform == "darwin" else path).resolve() for path in found}
    # The oldest that is new enough: closest to what Elastic tests its server with.
    yield from sorted((home for home in homes if (home / "bin" / "java").is_file()), key=_version)


def _version(home: Path) -> int:
    """The feature version from the `release` file that every JDK since 9 carries; 0 when there is none."""
    try:
        text = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    match = re.search(r'^JAVA_VERSION="?(\d+)', text, re.MULTILINE)
    return int(match[1]) if match else 0
