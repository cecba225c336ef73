"""What a client library raises -> our reasons. One table, so that nothing else in Feedmill knows aiohttp's names."""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp import http_exceptions

from worker.errors import Refuse, Retry, StageError
from worker.models import Reason
from worker.net.wire import Exchange


def translate(error: Exception, exchange: Exchange) -> StageError:
    """The StageError that stands for `error`; anything unknown becomes Retry(protocol_error) with its type's name."""
    detail = _one_line(error)
    match error:
        case StageError():
            return error
        case _ if exchange.busy_s and exchange.socket is None:
            return Retry(Reason.HOST_BUSY, "waits for its address", exchange.busy_s)
        case _ if exchange.exhausted:
            return Retry(Reason.PROTOCOL_ERROR, "too many bytes before the end of the headers")
        case aiohttp.ServerTimeoutError() | TimeoutError():
            return Retry(Reason.TIMEOUT, "no connection in time")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Retry(Reason.TLS_ERROR, detail)
        case aiohttp.ClientConnectorDNSError():
            return Retry(Reason.DNS_FAILED, detail)
        case aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
            return Retry(Reason.CONNECT_FAILED, detail)
        case aiohttp.InvalidURL():
            return Refuse(Reason.URL_INVALID, "not accepted by the client")
        case aiohttp.ClientPayloadError():
            return _broken_body(error, detail)
        case aiohttp.ServerDisconnectedError():
            return Retry(Reason.CONNECTION_LOST, "closed before the end of the headers")
        case aiohttp.ClientConnectionError() | OSError():
            return Retry(Reason.CONNECTION_LOST, detail)
        case _:
            return Retry(Reason.PROTOCOL_ERROR, detail)


def _broken_body(error: aiohttp.ClientPayloadError, detail: str) -> StageError:
    match error.__cause__:
        case http_exceptions.ContentLengthError():
            return Retry(Reason.TRUNCATED, "shorter than its Content-Length")
        case http_exceptions.TransferEncodingError() if "Not enough data" in detail:
            return Retry(Reason.TRUNCATED, "the last chunk is missing")
        case OSError():
            return Retry(Reason.CONNECTION_LOST, "within the body")
        case _:
            return Retry(Reason.PROTOCOL_ERROR, detail)


def _one_line(error: Exception) -> str:
    """Short, and without the bytes of the other side: aiohttp quotes them over several lines."""
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        text = getattr(cause, "verify_message", "") or cause.strerror or str(cause) or type(cause).__name__
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        text = f"the proxy answers {error.status}"  # its own words quote the proxy's URL, password included
    else:
        text = str(error)
    text = " ".join(text.split("\n", 1)[0].split())
    return f"{type(error).__name__}: {text}"[:200] if text else type(error).__name__
