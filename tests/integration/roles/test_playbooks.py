# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that the rulebook runs."""

from __future__ import annotations

import http.server
import json
import threading
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, SPEED, Ansible

TOKEN = "token-of-the-webhook"
EVENT = {"type": "escalate", "id": "escalate/1", "reasons": ["ERROR: no space left"], "meta": {"uuid": "1"}}


class Webhook(http.server.ThreadingHTTPServer):
    """Answers with one status after the other, and keeps what is posted to it."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = list(statuses)
        self.posts: list[tuple[str, t.Any]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/{TOKEN}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((str(self.headers["Authorization"]), json.loads(body)))
        self.send_response(self.server.statuses.pop(0))
        self.end_headers()

    def log_message(self, format: str, *args: t.Any) -> None:
        """Print nothing."""


@pytest.mark.slow
def test_a_dag_is_recovered_with_one_operator(ansible: Ansible) -> None:
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        agent = simulator.agents[0]
        run = ansible.playbook(
            "oceanbase.obshell.recover_dag",
            recover_dag_hosts="localhost",
            recover_dag_connection={"host": agent.host, "port": agent.port, "password": ROOT_PASSWORD},
            recover_dag_id=dag_id,
            recover_dag_retries=1,
        )
        assert run.status == 0, run.output
        posts = simulator.journal.posts(path_contains="/task/dag/")
        assert [(entry.body["operator"], entry.applied) for entry in posts] == [("RETRY", True)]


def test_a_playbook_without_a_host_fails(ansible: Ansible) -> None:
    run = ansible.playbook("oceanbase.obshell.recover_dag", recover_dag_hosts="nobody", recover_dag_name="Drop tenant")
    assert run.status != 0 and "No host of the inventory matches nobody" in run.output


@pytest.mark.parametrize(
    ("statuses", "status"),
    [pytest.param((500, 202), 0, id="later"), pytest.param((403, 403), 2, id="never", marks=pytest.mark.slow)],
)
def test_an_event_is_sent_until_the_webhook_takes_it(ansible: Ansible, statuses: tuple[int, int], status: int) -> None:
    with Webhook(*statuses) as webhook:
        run = ansible.playbook(
            "oceanbase.obshell.notify",
            "-vvvv",
            notify_url=webhook.url,
            notify_event=EVENT,
            notify_headers={"Authorization": "Bearer x"},
            notify_retries=1,
            notify_pause=0,
        )
        webhook.shutdown()
    assert run.status == status, run.output
    assert webhook.posts == [("Bearer x", {key: EVENT[key] for key in ("type", "id", "reasons")})] * 2
    assert ("It answered with status 403" in run.output) == bool(status)
    # The command line of the test itself holds it.
    shown = [line for line in run.output.splitlines() if TOKEN in line and "extra_vars" not in line]
    assert shown == []


@pytest.mark.slow
def test_a_body_of_its_own_is_sent_without_an_event(ansible: Ansible) -> None:
    with Webhook(200) as webhook:
        run = ansible.playbook("oceanbase.obshell.notify", notify_url=webhook.url, notify_body=[{"text": "failed"}])
        webhook.shutdown()
    assert run.status == 0, run.output
    assert [body for _authorization, body in webhook.posts] == [[{"text": "failed"}]]
