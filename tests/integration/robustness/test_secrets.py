# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret leaves: seeded into all that an agent can answer, looked for in all that Ansible prints, writes, runs."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import pathlib
import threading
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.options import connection_secrets
from ansible_collections.oceanbase.obshell.tests.faults import Exchange, FaultyProxy
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import SPEED, Ansible
from ..inprocess import TASKS

# What the task was not given, and what only its name betrays.
UNKNOWN = "hunter2-Unkn0wn"
# Not those of the other tests, which give theirs on command lines, maybe at the same time.
ROOT_PASSWORD, AGENT_PASSWORD = "S33ded#Root+pw", "S33ded#Agent+pw"
GIVEN = (ROOT_PASSWORD, AGENT_PASSWORD)
# Only tasks of obshell_cluster are given this one too.
PROXYRO_PASSWORD = "S33ded#Proxyro+pw"
WRONG = "S33ded#Wr0ng+pw"
UNKNOWN_HASH = hashlib.sha1(UNKNOWN.encode()).hexdigest()


def guises(secrets: t.Iterable[str]) -> list[str]:
    """Secrets as they are, hashed and encoded."""
    found: list[str] = []
    for secret in secrets:
        raw = secret.encode()
        hashes = [hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")]
        of_mysql = hashlib.sha1(hashlib.sha1(raw).digest()).hexdigest().upper()
        found += [secret, *hashes, *(text.upper() for text in hashes), base64.b64encode(raw).decode(), of_mysql]
    return found


SECRETS = [*guises([*GIVEN, PROXYRO_PASSWORD]), WRONG, UNKNOWN, UNKNOWN_HASH]
NAKED = " ".join(guises(GIVEN))
NAMED = (
    f"password={UNKNOWN}",
    f"obproxy_sys_password={UNKNOWN_HASH}",
    f'{{"rootPwd": "{UNKNOWN}"}}',
    f"-p --password {UNKNOWN} -P 2881",
    f"mysql://root:{UNKNOWN}@127.0.0.1:2881",
    f"IDENTIFIED BY '{UNKNOWN}'",
    f"access_key={UNKNOWN}&x=1",
)
# What a client needs as it is to go on: the rest of an answer is prose, and can hold anything.
NEEDED = {
    *(
        "id",
        "state",
        "operator",
        "start_time",
        "end_time",
        "timestamp",
        "public_key",
        "ip",
        "identity",
        "zone",
        "supportedAuth",
    ),
    *("name", "version"),
}
WAYS: dict[str, dict[str, t.Any]] = {"here": {}, "sent": {"environment": {"SENT": "1"}}}


def seeded(value: t.Any, key: str, naked: str) -> t.Any:
    if key in NEEDED:
        return value
    if isinstance(value, dict):
        of_error = {"secret": UNKNOWN}
        more = of_error if key == "error" else {"password": UNKNOWN, "agentPwd": UNKNOWN_HASH, "extra": naked}
        return {**{name: seeded(item, name, naked) for name, item in value.items()}, **more}
    if isinstance(value, list):
        lines = [naked, *NAMED] if key == "task_logs" else []
        return [*lines, *(seeded(item, key, naked) for item in value), *lines]
    return f"{value} {naked} {' '.join(NAMED)}" if isinstance(value, str) else value


def seed(exchange: Exchange, naked: str = NAKED) -> None:
    """Pass an agent's answer on with secrets in every field that can hold them."""
    head, _blank, body = exchange.ask_agent().partition(b"\r\n\r\n")
    envelope = json.loads(body)
    for part in ("data", "error", "traceId"):
        if envelope.get(part) is not None:
            envelope[part] = seeded(envelope[part], part, naked)
    exchange.answer(int(head.split(b" ", 2)[1]), json.dumps(envelope).encode())


seed_cluster = functools.partial(seed, naked=f"{NAKED} {' '.join(guises([PROXYRO_PASSWORD]))}")


class Watch:
    """Reads the command line of every process while it is open."""

    def __enter__(self) -> Watch:
        self.seen: set[bytes] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(0.01):
            for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(path.read_bytes())
                except OSError:
                    continue


def look_for_secrets(text: str, where: str) -> None:
    for secret in SECRETS:
        assert secret not in text, f"{secret} in {where}: ...{text[max(0, text.find(secret) - 200) :][:300]}"


def tasks(dag_id: str, port: int, cluster_port: int) -> list[dict[str, t.Any]]:
    """Every module, in check mode, failing and not. With a wrong password the agent itself is asked, at its `port`.

    Nobody can know the right one then, if an agent were to answer it.
    """
    dag = {"oceanbase.obshell.obshell_dag": {"id": dag_id, "operator": "ROLLBACK", "progress": "lines"}}
    server = {"host": "127.0.0.1", "port": cluster_port, "zone": "zone1", "agent_password": "{{ agent_password }}"}
    cluster = {
        "name": "obdemo",
        "cluster_id": 1,
        "root_password": "{{ root_password }}",
        "proxyro_password": "{{ proxyro_password }}",
        "servers": [server],
    }
    refused = {"host": "127.0.0.1", "port": port, "password": "{{ wrong }}", "agent_password": "{{ agent_password }}"}
    wrong = {"id": dag_id, "operator": "ROLLBACK", "password": "{{ wrong }}", "port": port}
    return [
        {"oceanbase.obshell.obshell_cluster": cluster, "check_mode": True},
        {"oceanbase.obshell.obshell_cluster": cluster},
        {"oceanbase.obshell.obshell_agent_info": {}},
        {"oceanbase.obshell.obshell_agent_info": {"port": 1, "timeout": 1}},
        {"oceanbase.obshell.obshell_fleet_info": {"agents": ["127.0.0.1"]}},
        {"oceanbase.obshell.obshell_fleet_info": {"connections": [refused]}},
        {"oceanbase.obshell.obshell_dag_info": {"details": "all"}},
        {"oceanbase.obshell.obshell_dag_info": {"scope": "all"}},
        {"oceanbase.obshell.obshell_dag_info": {"id": "221307064330288699"}},
        {"oceanbase.obshell.obshell_dag": {"id": dag_id, "operator": "PASS"}},
        {"oceanbase.obshell.obshell_dag": wrong},
        {**dag, "check_mode": True},
        dag,
        dag,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_modules(ansible: Ansible, version: str, way: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        agent = simulator.agents[0]
        with (
            FaultyProxy(agent, dict.fromkeys(range(200), seed)) as proxy,
            FaultyProxy(agent, dict.fromkeys(range(200), seed_cluster)) as cluster_proxy,
        ):
            all_tasks = tasks(dag_id, agent.port, cluster_proxy.port)
            play = {
                "hosts": "all",
                "gather_facts": False,
                "module_defaults": {"group/oceanbase.obshell.obshell": connection(proxy)},
                "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
                # What fails is as likely to tell.
                "tasks": [{**task, **WAYS[way], "ignore_errors": True} for task in all_tasks],
            }
            run_and_look(ansible, [play], tmp_path_factory.mktemp("vault"), tasks=len(all_tasks))
            assert cluster_proxy.requests > 4
        assert agent.dag(dag_id)["state"] == "SUCCEED"


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "way"), [("retry", "here"), ("retry_then_rollback", "sent")])
def test_recover_init(
    ansible: Ansible, version: str, policy: str, way: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The first policy fails, the second one comes to an end."""
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        with FaultyProxy(simulator.agents[0], dict.fromkeys(range(200), seed)) as proxy:
            variables = {
                "recover_init_connection": connection(proxy),
                "recover_init_policy": policy,
                "recover_init_retries": 1,
            }
            run_and_look(ansible, [role("recover_init", way, variables)], tmp_path_factory.mktemp("vault"), tasks=5)


@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("way", ["here", pytest.param("sent", marks=pytest.mark.slow)])
@pytest.mark.parametrize("policy", [pytest.param("retry", marks=pytest.mark.slow), "rollback"])
def test_init_cluster(
    ansible: Ansible, version: str, policy: str, way: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The first policy fails, the second one comes to an end in a second round."""
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        agent = simulator.agents[0]
        simulator.obstacles.append(Obstacle(node="Start observer", times=1 if policy == "rollback" else None))
        with FaultyProxy(agent, dict.fromkeys(range(400), seed)) as proxy:
            server = {
                "host": "127.0.0.1",
                "port": proxy.port,
                "zone": "zone1",
                "agent_password": "{{ agent_password }}",
            }
            variables = {
                "init_cluster_name": "obdemo",
                "init_cluster_root_password": "{{ root_password }}",
                "init_cluster_servers": [server],
                "init_cluster_recover_policy": policy,
                "recover_init_retries": 1,
            }
            run_and_look(ansible, [role("init_cluster", way, variables)], tmp_path_factory.mktemp("vault"), tasks=9)
        assert (agent.identity == "CLUSTER AGENT") is (policy == "rollback")


def role(name: str, way: str, variables: dict[str, t.Any]) -> dict[str, t.Any]:
    include = {"ansible.builtin.include_role": {"name": f"oceanbase.obshell.{name}"}, "vars": variables}
    interpreter = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {"hosts": "all", "gather_facts": False, "vars": interpreter, **WAYS[way], "tasks": [include]}


def connection(proxy: FaultyProxy) -> dict[str, t.Any]:
    return {"port": proxy.port, "password": "{{ root_password }}", "agent_password": "{{ agent_password }}"}


def run_and_look(ansible: Ansible, plays: list[dict[str, t.Any]], vault: pathlib.Path, *, tasks: int) -> None:
    secrets = {
        "root_password": ROOT_PASSWORD,
        "agent_password": AGENT_PASSWORD,
        "proxyro_password": PROXYRO_PASSWORD,
        "wrong": WRONG,
    }
    (vault / "secrets.yml").write_text(yaml.safe_dump(secrets), encoding="utf-8")
    with Watch() as watch:
        run = ansible.playbook(plays, "-vvvv", "--diff", "-e", f"@{vault / 'secrets.yml'}")
    assert len(run.tasks) >= tasks, run.output
    look_for_secrets(run.output, "the output")
    look_for_secrets(json.dumps(run.tasks), "the results")
    for path in ansible.folder.rglob("*"):
        if path.is_file():
            look_for_secrets(path.read_text(encoding="utf-8", errors="replace"), str(path))
    assert any(b"ansible-playbook" in line for line in watch.seen)
    for line in watch.seen:
        look_for_secrets(line.decode(errors="replace"), "a command line")


def options_of(spec: dict[str, t.Any]) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for name, option in spec.items():
        yield name, option
        yield from options_of(option.get("options", {}))


def test_every_secret_option_is_marked() -> None:
    for definition in TASKS.values():
        for name, option in options_of(definition.spec["argument_spec"]):
            assert ("password" in name) == bool(option.get("no_log")), name
    assert connection_secrets({"password": "a", "agent_password": "b", "host": "c"}) == ["a", "b"]
