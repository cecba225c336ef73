"""What Kibana's refusals mean, in words that follow "Kibana at URL". Pure.

Source: Kibana's API reference, POST /api/saved_objects/_import, and its types of import errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST = 3
"""Objects that are named; the first usually says it all."""


def refused(status: int, message: str, *, location: str, with_credentials: bool) -> str:
    """Of any answer; empty where it is none of these."""
    if status == 401:
        said = "refuses the credentials" if with_credentials else "wants credentials"
        return f"{said} (FEEDMILL_KIBANA__API_KEY, or FEEDMILL_KIBANA__USERNAME and FEEDMILL_KIBANA__PASSWORD)"
    if status == 403:
        return (
            "does not let these credentials write dashboards (they need the privilege all on Saved Objects Management,"
            f" Dashboard and Discover in the space): {message}"
        )
    if 300 <= status < 400:
        where = " ".join(location.split())[:200] or "another address"
        return f"sends us on to {where}; set FEEDMILL_KIBANA__URL to Kibana itself, its base path included"
    if status == 413:
        return (
            "takes no file of this size; raise savedObjects.maxImportPayloadBytes, or the limit of the proxy before it"
        )
    return ""


def not_taken(answer: Mapping[str, Any], number: int) -> str:
    """Of an import's answer: empty when all `number` objects are there."""
    taken, problems = answer.get("successCount"), answer.get("errors") or []
    if answer.get("success") is True and taken == number and not problems:
        return ""
    named = "".join(f"; {_problem(problem)}" for problem in problems[:MOST])
    more = f"; and {len(problems) - MOST} more" if len(problems) > MOST else ""
    return f"took {taken or 0} of {number} objects{named}{more}"


def _problem(problem: Any) -> str:
    if not isinstance(problem, dict):
        return "an error without a name"
    error = problem.get("error") or {}
    kind = error.get("type")
    title = (problem.get("meta") or {}).get("title") or problem.get("title") or problem.get("id")
    what = _cut(f"{problem.get('type')} {title}", 100)
    if kind == "missing_references":
        missing = ", ".join(f"{one.get('type')} {one.get('id')}" for one in error.get("references") or [])
        return f"{what} refers to what is not there ({_cut(missing, 150)})"
    if kind in ("conflict", "ambiguous_conflict"):
        return f"{what} is there already in a way that cannot be written over; delete it in Kibana and try again"
    if kind == "unsupported_type":
        return f"{what}: this Kibana knows no such type"
    return f"{what}: {_cut(str(error.get('message') or kind), 150)}"


def _cut(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest]
