from __future__ import annotations

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from worker.models import Reason
from worker.net.faults import translate
from worker.net.wire import Exchange


def test_a_proxy_that_refuses_is_told_without_its_address() -> None:
    """aiohttp's own words hold the proxy's URL with user and password; the detail stands in the ledger for a month."""
    proxy = URL("http://user:s3cretpw@proxy.example:3128")
    asked = aiohttp.RequestInfo(proxy, "CONNECT", CIMultiDictProxy(CIMultiDict()), proxy)
    refused = aiohttp.ClientHttpProxyError(asked, (), status=407, message="Proxy Authentication Required")
    assert "s3cretpw" in str(refused)
    found = translate(refused, Exchange())
    assert (found.reason, found.detail) == (Reason.CONNECT_FAILED, "ClientHttpProxyError: the proxy answers 407")
