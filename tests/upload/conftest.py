"""No proxy or certificate setting of this machine reaches the tests of uploading."""

import pytest
from support.seaweed import seaweed
from support.webdav_servers import apache, copyparty, nginx, wsgidav


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


__all__ = ["apache", "copyparty", "nginx", "seaweed", "wsgidav"]
