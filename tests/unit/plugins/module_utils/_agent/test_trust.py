# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What https trusts: the context that it was given, and nothing that requests or its environment add."""

from __future__ import annotations

import concurrent.futures
import ssl
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.tls import SharedTrusts, Trust, make_trust
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


OPTIONS: dict[str, t.Any] = {"verify": True, "ca_path": None, "client_cert": None, "client_key": None}


def test_connections_with_the_same_options_share_one_context_also_if_made_at_the_same_time() -> None:
    trusts = SharedTrusts()
    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        made = list(executor.map(lambda _number: trusts.get(**OPTIONS), range(8)))
    unverified = trusts.get(**{**OPTIONS, "verify": False})
    assert len({id(trust.context) for trust in made}) == 1
    assert (made[0].context.verify_mode, made[0].context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (unverified.context.verify_mode, unverified.context.check_hostname) == (ssl.CERT_NONE, False)


def test_another_task_reads_its_files_again() -> None:
    assert SharedTrusts().get(**OPTIONS).context is not SharedTrusts().get(**OPTIONS).context


def test_without_verification_no_authorities_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda *_arguments: pytest.fail("loaded"))
    context = make_trust(**{**OPTIONS, "verify": False}).context
    assert context.cert_store_stats()["x509"] == 0
