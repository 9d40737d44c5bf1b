# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent that serves TLS, with and without client certificates."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from pathlib import Path

import pytest
import trustme
from ansible_collections.oceanbase.obshell.tests.simulator import Agent, AgentSpec, Simulator, Tls


class Files:
    """The PEM files of an authority, of an agent and of a client."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.authority = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.authority)
        self.agent, self.client = (self._sign(authority, folder / name) for name in ("agent", "client"))

    @staticmethod
    def _sign(authority: trustme.CA, path: Path) -> tuple[str, str]:
        signed = authority.issue_cert("127.0.0.1")
        certificate, key = str(path.with_suffix(".pem")), str(path.with_suffix(".key"))
        signed.cert_chain_pems[0].write_to_path(certificate)
        signed.private_key_pem.write_to_path(key)
        return certificate, key


@pytest.fixture(name="files")
def fixture_files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def get_status(agent: Agent, context: ssl.SSLContext) -> int:
    connection = http.client.HTTPSConnection(agent.host, agent.port, context=context, timeout=60)
    try:
        connection.request("GET", "/api/v1/status")
        response = connection.getresponse()
        assert json.loads(response.read())["status"] == response.status
        return response.status
    finally:
        connection.close()


def test_https(files: Files) -> None:
    with Simulator([AgentSpec(tls=Tls(*files.agent))], speed=0) as simulator:
        agent = simulator.agents[0]
        context = ssl.create_default_context(cafile=files.authority)
        assert get_status(agent, context) == 200
        agent.stop()
        with pytest.raises(ConnectionRefusedError):
            get_status(agent, context)
        agent.start()
        assert get_status(agent, context) == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            get_status(agent, ssl.create_default_context())
        assert len(simulator.journal.entries) == 2


def test_plain_http_is_answered_as_go_does(files: Files) -> None:
    with Simulator([AgentSpec(tls=Tls(*files.agent))], speed=0) as simulator:
        agent = simulator.agents[0]
        connection = http.client.HTTPConnection(agent.host, agent.port, timeout=60)
        connection.request("GET", "/api/v1/status")
        response = connection.getresponse()
        assert (response.status, response.read()) == (400, b"Client sent an HTTP request to an HTTPS server.\n")
        connection.close()
        assert simulator.journal.entries == []
        with socket.create_connection((agent.host, agent.port)):
            pass
        assert get_status(agent, ssl.create_default_context(cafile=files.authority)) == 200


def test_client_certificates(files: Files) -> None:
    with Simulator([AgentSpec(tls=Tls(*files.agent, client_ca=files.authority))], speed=0) as simulator:
        agent = simulator.agents[0]
        context = ssl.create_default_context(cafile=files.authority)
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            get_status(agent, context)
        assert simulator.journal.entries == []
        context.load_cert_chain(*files.client)
        assert get_status(agent, context) == 200
