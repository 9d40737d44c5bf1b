# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every play and command of the guides and every example of the modules runs, and no error code goes unexplained."""

from __future__ import annotations

import contextlib
import importlib
import json
import pathlib
import re
import subprocess
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.options import CONNECTION
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator, Tls

from ..certificates import Authority
from ..clusters import at_one_port
from ..conftest import LONGEST, ROOT, ROOT_PASSWORD, SPEED, Ansible
from . import test_readme
from .guides import blocks, files, write_files

# Read from top to bottom, in one shell; of the other pages each block stands for itself.
TUTORIAL = "docs/getting_started.md"
NAMES = ("authentication", "awx", "cookbook", "fleet", "inventory", "report", "scaling", "troubleshooting", "upgrading")
PAGES = ["README.md", TUTORIAL, *(f"docs/{name}.md" for name in NAMES)]
COMMANDS = [
    pytest.param(page, script, id=f"{page}-{number}", marks=() if page == PAGES[0] else pytest.mark.slow)
    for page in PAGES
    for number, script in enumerate(["".join(blocks(page, "shell"))] if page == TUTORIAL else blocks(page, "shell"))
]
PLAYS = [
    pytest.param(play, id=f"{page}-{play[0]['name']}")
    for page in PAGES
    if page not in test_readme.PAGES
    for play in (yaml.safe_load(block) for block in blocks(page, "yaml") if not block.startswith("# "))
]
NAMED_FILE = re.compile(r"\b(?:extensions|tests|plugins|roles|playbooks)/[\w/.-]*\w\.(?:py|yml|json|md)\b")
MODULES = (
    "obshell_agent_info",
    "obshell_dag",
    "obshell_dag_info",
    "obshell_dag_report",
    "obshell_dag_wait",
    "obshell_fleet_info",
)


class Site:
    """Agents at the addresses, paths and IDs that the pages name, and how to reach them from here."""

    def __init__(self, stack: contextlib.ExitStack, folder: pathlib.Path) -> None:
        self._stack = stack
        self._authority = Authority(folder, "ca")
        self._certificate = Tls(*self._authority.sign("server"))
        client, client_key = self._authority.sign("client")
        self.simulator, other = at_one_port(["127.0.0.1"], ["127.0.0.2"], speed=SPEED)
        dag_id, _other = (self._fail(simulator) for simulator in (self.simulator, other))
        agent = self.simulator.agents[0]
        self.port = str(agent.port)
        self._here = {
            "PORT=2886": f"PORT={self.port}",
            "10.0.0.1": "127.0.0.1",
            "10.0.0.2": "127.0.0.2",
            "22130706433028869": dag_id,
            "/home/admin/oceanbase/run/obshell.sock": agent.socket,
            "/etc/obshell/ca.pem": self._authority.path,
            "/etc/obshell/client.pem": client,
            "/etc/obshell/client.key": client_key,
            "https://github.com/oceanbase/ansible-collection-obshell.git": f"file://{ROOT}",
        }

    def _fail(self, simulator: Simulator) -> str:
        self._stack.callback(simulator.stop)
        return simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)

    def here(self, text: str) -> str:
        """What a page says, with the addresses, paths and IDs of the tests'."""
        for port, client_ca in (("8443", ""), ("9443", self._authority.path)):
            if port in text:
                tls = Tls(self._certificate.certificate, self._certificate.key, client_ca=client_ca or None)
                simulator = Simulator([AgentSpec(tls=tls)], speed=SPEED)
                simulator.start()
                self._fail(simulator)
                text = text.replace(port, str(simulator.agents[0].port))
        for theirs, ours in self._here.items():
            text = text.replace(theirs, ours)
        return text


@pytest.fixture(name="site")
def fixture_site(tmp_path: pathlib.Path) -> t.Iterator[Site]:
    with contextlib.ExitStack() as stack:
        yield Site(stack, tmp_path)


@pytest.fixture(name="ansible")
def fixture_ansible(ansible: Ansible, site: Site) -> Ansible:
    ansible.environment.update(OBSHELL_PORT=site.port, OBSHELL_PASSWORD=ROOT_PASSWORD)
    return ansible


@pytest.mark.parametrize(("page", "script"), COMMANDS)
def test_commands(ansible: Ansible, site: Site, page: str, script: str) -> None:
    write_files(ansible.folder, {name: site.here(text) for name, text in files(page).items()})
    if "ansible-galaxy" in script:
        # Never over the checkout, which the usual path leads to.
        ansible.environment.update(ANSIBLE_COLLECTIONS_PATH=str(ansible.folder), PIP_DISABLE_PIP_VERSION_CHECK="1")
    (ansible.folder / ".vault-password").write_text("of the vault", encoding="utf-8")
    (ansible.folder / "secrets.yml").write_text(f"root_password: '{ROOT_PASSWORD}'\n", encoding="utf-8")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", site.here(script)],
        cwd=ansible.folder,
        env=ansible.environment,
        input=ROOT_PASSWORD + "\n",
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("play", PLAYS)
def test_plays(ansible: Ansible, site: Site, play: list[dict[str, t.Any]]) -> None:
    run = ansible.playbook(yaml.safe_load(site.here(yaml.safe_dump(play))))
    assert run.status == 0, run.output


def examples(module: str) -> list[dict[str, t.Any]]:
    """The tasks of a module's EXAMPLES."""
    source = importlib.import_module(f"ansible_collections.oceanbase.obshell.plugins.modules.{module}")
    return t.cast("list[dict[str, t.Any]]", yaml.safe_load(source.EXAMPLES))


def skips_a_node(example: dict[str, t.Any]) -> bool:
    return "node" in example["oceanbase.obshell.obshell_dag"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "tasks",
    [
        *([task] for task in examples("obshell_dag") if not skips_a_node(task)),
        examples("obshell_dag_info"),
        examples("obshell_dag_report"),
        examples("obshell_dag_wait"),
    ],
    ids=str,
)
def test_examples_on_a_failed_initialisation(ansible: Ansible, site: Site, tasks: list[dict[str, t.Any]]) -> None:
    play = {"hosts": "all", "gather_facts": False, "tasks": yaml.safe_load(site.here(yaml.safe_dump(tasks)))}
    variables = {"root_password": ROOT_PASSWORD, "dag_id": site.here("22130706433028869")}
    run = ansible.playbook([play], **variables)
    assert run.status == 0, run.output


def test_the_example_that_skips_a_node(ansible: Ansible) -> None:
    with Simulator([AgentSpec()] * 2, speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        master, follower = simulator.agents
        follower.stop()
        _status, answer = master.call("DELETE", "/api/v1/agent", follower.location.as_dict())
        dag_id = simulator.run_to_end(answer["data"]["id"])
        ansible.environment.update(OBSHELL_PORT=str(master.port), OBSHELL_PASSWORD=ROOT_PASSWORD)
        tasks = [example for example in examples("obshell_dag") if skips_a_node(example)]
        run = ansible.playbook([{"hosts": "all", "gather_facts": False, "tasks": tasks}], dag_id=dag_id)
        assert (len(tasks), run.status, master.dag(dag_id)["state"]) == (1, 0, "SUCCEED"), run.output


def test_examples_on_an_agent_in_order(ansible: Ansible) -> None:
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        ansible.environment["OBSHELL_PORT"] = str(simulator.agents[0].port)
        run = ansible.playbook([{"hosts": "all", "gather_facts": False, "tasks": examples("obshell_agent_info")}])
        assert run.status == 0, run.output


def test_examples_of_a_fleet(ansible: Ansible) -> None:
    """The first one reads dead agents, the second one finds a member, and the third one finds the failed DAG."""
    with Simulator([AgentSpec()] * 2, speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        text = (
            json.dumps(examples("obshell_fleet_info")).replace("192.0.2.1", "127.0.0.1").replace("192.0.2", "127.0.1")
        )
        ansible.environment["OBSHELL_PORT"] = str(simulator.agents[0].port)
        play = {"hosts": "all", "gather_facts": False, "tasks": json.loads(text)}
        run = ansible.playbook(
            [play], **dict.fromkeys(("root_password", "orders_password", "billing_password"), ROOT_PASSWORD)
        )
    dead, found, asserted = (result for _name, result in run.tasks)
    assert [agent["reachable"] for agent in dead["agents"]] == [True, False, False], run.output
    assert [len(cluster["addresses"]) for cluster in found["clusters"]] == [2, 1]
    assert (run.status, asserted["evaluated_to"]) == (2, False)


def first_cells(section: str) -> list[str]:
    """What stands as code in the first column of the tables of a section."""
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [text for cell in cells for text in re.findall(r"`([^`]+)`", cell)]


def codes() -> set[str]:
    """All error codes of the recordings; a number beside an errCode is one too."""
    found = set()
    for path in (ROOT / "tests/recordings").glob("*.json"):
        for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
            body = step["response"].get("body")
            error = (body.get("error") if isinstance(body, dict) else None) or {}
            found |= {str(error[key]) for key in ("errCode", "code") if error.get(key)}
    for path in (ROOT / "tests/recordings/kinds/nodes").glob("*.json"):
        found |= {sent["error"] for sent in json.loads(path.read_text(encoding="utf-8"))["operated"] if sent["error"]}
    return found


def test_files_that_pages_name_exist() -> None:
    pages = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {name for page in pages for name in NAMED_FILE.findall(page.read_text(encoding="utf-8"))}
    assert named and [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_error_code_is_explained_and_no_other() -> None:
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    section = text.partition("## What the agent said")[2].partition("## Without a code")[0]
    # Recorded during a scale out, of which the recordings here keep the operators alone.
    assert sorted(first_cells(section)) == sorted({*codes(), "Agent.Identify.Unknown"})


def test_messages_are_explained_in_the_words_they_have() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    words = first_cells(page.partition("## Without a code")[2].partition("\n## ")[0])
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "plugins/module_utils").rglob("*.py"))
    # A long message stands in several literals.
    sources = re.sub(r'"\n\s*f?"', "", sources)
    # Those of the system, of Python, of Ansible and of the agent.
    others = {
        "Connection refused",
        "No such file or directory",
        "Name or service not known",
        "Remote end closed connection",
        "certificate",
        "does not support raw params",
        "bypasses the host loop",
        "unsupported identity SCALING",
    }
    assert words and [word for word in words if word not in sources and word not in others] == []


def test_the_playbook_of_awx(ansible: Ansible, site: Site) -> None:
    write_files(ansible.folder, files("docs/awx.md"))
    command = [
        "ansible-playbook",
        "-i",
        "localhost,",
        "-c",
        "local",
        "recover.yml",
        "-e",
        "recover_init_hosts=localhost",
    ]
    done = ansible.run(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.simulator.agents[0].identity == "CLUSTER AGENT"


def test_the_survey_of_awx_asks_what_the_role_takes() -> None:
    tasks = yaml.safe_load(files("docs/awx.md")["awx.yml"].replace("!unsafe ", ""))[0]["tasks"]
    kind, template = (
        next(task[f"awx.awx.{name}"] for task in tasks if f"awx.awx.{name}" in task)
        for name in ("credential_type", "job_template")
    )
    fields = {field["id"] for field in kind["inputs"]["fields"]}
    from_files = {
        field: f"{{% if {field} %}}{{{{ tower.filename.{field} }}}}{{% endif %}}"
        for field in ("ca_path", "client_cert", "client_key")
    }
    injected = {f"OBSHELL_{field.upper()}": from_files.get(field, f"{{{{ {field} }}}}") for field in fields}
    assert injected == kind["injectors"]["env"]
    assert {f"template.{field}": f"{{{{ {field} }}}}" for field in from_files} == kind["injectors"]["file"]
    assert fields <= set(CONNECTION)
    specs = yaml.safe_load((ROOT / "roles/recover_init/meta/argument_specs.yml").read_text(encoding="utf-8"))
    options = specs["argument_specs"]["main"]["options"]
    for question in template["survey_spec"]["spec"]:
        option = options[question["variable"]]
        is_list = option["type"] == "list"
        assert question["default"] == ("\n".join(option["default"]) if is_list else option["default"])
        assert is_list or question.get("choices") == option.get("choices")
        assert set(question.get("choices", ())) <= set(option.get("choices", ()))
