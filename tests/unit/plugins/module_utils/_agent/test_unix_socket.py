# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may serve the unix socket: over it, passwords are sent in clear text."""

from __future__ import annotations

import os
import pathlib
import socket
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport_stdlib
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import SocketTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable, Untrusted

OWNER = 4711


@pytest.fixture(name="listener")
def fixture_listener(tmp_path: pathlib.Path) -> t.Iterator[socket.socket]:
    """A server that would show what it received."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "obshell.sock"))
        listener.listen()
        listener.settimeout(5)
        yield listener


def ask(path: str) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        SocketTransport(path, timeout=0.2).exchange("GET", "/api/v1/info", headers={}, body=b"")
    return caught.value


def owned_by(monkeypatch: pytest.MonkeyPatch, owner: int, served_by: int) -> None:
    monkeypatch.setattr(transport_stdlib, "_owner", lambda _folder: owner)
    monkeypatch.setattr(transport_stdlib, "_server_of", lambda _sock: served_by)


def test_nothing_is_sent_to_a_server_of_another_user(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    owned_by(monkeypatch, OWNER, OWNER + 1)
    error = ask(listener.getsockname())
    assert isinstance(error, Untrusted) and not error.sent
    assert f"user ID {OWNER + 1}" in error.message and f"user ID {OWNER})" in error.message
    server, _address = listener.accept()
    with server:
        server.settimeout(5)
        assert server.recv(1) == b""


@pytest.mark.parametrize("served_by", [0, OWNER])
def test_root_and_the_owner_of_the_folder_may_serve_it(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, served_by: int
) -> None:
    owned_by(monkeypatch, OWNER, served_by)
    assert "no complete response" in ask(listener.getsockname()).message


def test_the_server_and_the_owner_are_read_from_the_system(listener: socket.socket, tmp_path: pathlib.Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(listener.getsockname())
        assert transport_stdlib._server_of(client) == os.getuid()
    assert transport_stdlib._owner(str(tmp_path / "obshell.sock")) == tmp_path.stat().st_uid


def test_the_folder_is_that_of_the_socket_and_not_of_a_link_to_it(tmp_path: pathlib.Path) -> None:
    (tmp_path / "link").symlink_to("/proc/1/status")
    assert transport_stdlib._owner(str(tmp_path / "link")) == os.stat("/proc/1").st_uid
