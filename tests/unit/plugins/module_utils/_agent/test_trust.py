# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What https trusts: the context that it was given, and nothing that requests or its environment add."""

from __future__ import annotations

import ssl
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.tls import Trust
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_requests import RequestsTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable
from urllib3.connection import HTTPSConnection


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("proxy", [None, "http://192.0.2.9:3128"])
def test_only_the_authorities_of_the_given_context_count(
    monkeypatch: pytest.MonkeyPatch, proxy: str | None, verify: bool
) -> None:
    used: list[t.Any] = []

    def connect(connection: t.Any) -> None:
        used.append([getattr(connection, name) for name in ("ssl_context", "ca_certs", "ca_cert_dir", "ca_cert_data")])
        used.append(connection.cert_reqs)
        raise OSError("no network in this test")

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", __file__)
    monkeypatch.setattr(HTTPSConnection, "connect", connect)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = verify, ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    transport = RequestsTransport("192.0.2.1", 2886, timeout=10, trust=Trust(context, "ours"), proxy=proxy)
    with pytest.raises(Unreachable):
        transport.exchange("GET", "/", headers={}, body=b"")
    assert used == [[context, None, None, None], "CERT_REQUIRED" if verify else "CERT_NONE"]
