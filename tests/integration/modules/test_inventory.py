# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of a cluster's agents, as Ansible's own commands show and use it."""

from __future__ import annotations

import functools
import json
import subprocess
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.inventory.agents import EXAMPLES
from ansible_collections.oceanbase.obshell.tests.faults import Exchange, FaultyProxy
from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator

from ..clusters import at_one_port
from ..conftest import ROOT, ROOT_PASSWORD, SPEED, Ansible

FIRST, SECOND, THIRD = HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
FILE = "prod.obshell.yml"
JSONFILE = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": "cache"}
slow = functools.partial(pytest.param, marks=pytest.mark.slow)
FAIL = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    """Three agents of a cluster whose initialisation failed, all at one port."""
    (simulator,) = at_one_port(HOSTS, speed=SPEED)
    try:
        simulator.fail_init(
            obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD, zones=("east", "east", "west")
        )
        simulator.journal.clear()
        yield simulator
    finally:
        simulator.stop()


class Inventory:
    """A configuration file of the plugin, which leads to the simulator, and what Ansible makes of it."""

    def __init__(self, ansible: Ansible, simulator: Simulator) -> None:
        self.ansible = ansible
        self.simulator = simulator
        self.port = simulator.agents[0].port
        ansible.environment["OBSHELL_PASSWORD"] = ROOT_PASSWORD

    def write(self, **options: t.Any) -> None:
        config = {"plugin": "oceanbase.obshell.agents", "seeds": [FIRST], "port": self.port, "timeout": 20, **options}
        (self.ansible.folder / FILE).write_text(yaml.safe_dump(config), encoding="utf-8")

    def run(self, *arguments: str, command: str = "ansible-inventory", **environment: str) -> t.Any:
        return self.ansible.run([command, "-i", FILE, *arguments], **environment)

    def list(self, *arguments: str, **environment: str) -> dict[str, t.Any]:
        return listed(self.run("--list", *arguments, **environment))


def listed(done: subprocess.CompletedProcess[str]) -> dict[str, t.Any]:
    assert done.returncode == 0, done.stdout + done.stderr
    return t.cast("dict[str, t.Any]", json.loads(done.stdout))


def hosts(found: dict[str, t.Any], group: str) -> list[str]:
    return t.cast("list[str]", found.get(group, {}).get("hosts", []))


@pytest.fixture(name="inventory")
def fixture_inventory(ansible: Ansible, simulator: Simulator) -> Inventory:
    return Inventory(ansible, simulator)


def test_one_seed_leads_to_all_members(inventory: Inventory) -> None:
    inventory.write()
    found = inventory.list()
    variables = found["_meta"]["hostvars"]
    assert sorted(variables) == [FIRST, SECOND, THIRD]
    (dag,) = variables[FIRST].pop("obshell_failed_dags")
    assert (dag["name"], dag["id"].isdigit()) == ("Initialize cluster", True)
    version = variables[FIRST].pop("obshell_version")
    assert version.startswith("4.5.0.0")
    assert variables[FIRST] == {
        "ansible_host": FIRST,
        "obshell_host": FIRST,
        "obshell_port": inventory.port,
        "obshell_address": f"{FIRST}:{inventory.port}",
        "obshell_reachable": True,
        "obshell_error": None,
        "obshell_type": "oceanbase",
        "obshell_identity": "MASTER",
        "obshell_zone": "east",
        "obshell_ob_version": variables[FIRST]["obshell_ob_version"],
        "obshell_cluster_name": "obdemo",
        "obshell_cluster_id": 1,
        "obshell_under_maintenance": True,
        "obshell_database_up": False,
        "obshell_incomplete": None,
    }
    assert hosts(found, "obshell_cluster_obdemo_1") == [FIRST, SECOND, THIRD]
    assert hosts(found, "obshell_identity_master") == [FIRST]
    assert hosts(found, "obshell_identity_follower") == [SECOND, THIRD]
    assert (hosts(found, "obshell_zone_east"), hosts(found, "obshell_zone_west")) == ([FIRST, SECOND], [THIRD])
    assert set(found["obshell"]["children"]) == {
        *("obshell_cluster_obdemo_1", "obshell_identity_master", "obshell_identity_follower"),
        *("obshell_zone_east", "obshell_zone_west", "obshell_one_per_cluster"),
    }
    assert {entry.method for entry in inventory.simulator.journal.entries} == {"GET"}


@pytest.mark.slow
def test_the_graph_and_one_host(inventory: Inventory) -> None:
    inventory.write()
    graph = inventory.run("--graph").stdout
    assert "  |--@obshell:\n" in graph and f"  |  |--@obshell_identity_master:\n  |  |  |--{FIRST}\n" in graph
    assert listed(inventory.run("--host", THIRD))["obshell_zone"] == "west"


def test_a_dead_member_stays_a_host_in_its_groups(inventory: Inventory) -> None:
    inventory.simulator.agents[2].stop()
    inventory.write(strict=True)
    done = inventory.run("--list")
    found = listed(done)
    variables = found["_meta"]["hostvars"][THIRD]
    assert not variables["obshell_reachable"] and "Connection refused" in variables["obshell_error"]
    assert variables["obshell_failed_dags"] is variables["obshell_under_maintenance"] is None
    assert (variables["obshell_identity"], variables["obshell_cluster_name"]) == ("FOLLOWER", "obdemo")
    assert hosts(found, "obshell_zone_west") == [THIRD]
    assert f"Some requests to {THIRD}:{inventory.port} failed" in done.stderr


def test_a_dead_seed_is_a_warning_while_another_one_answers(inventory: Inventory) -> None:
    inventory.simulator.agents[2].stop()
    inventory.write(seeds=[THIRD, f"{SECOND}:{inventory.port}", FIRST, "localhost"])
    done = inventory.run("--list")
    found = listed(done)
    assert f"all have the address {FIRST}:{inventory.port}. They count as one agent" in " ".join(done.stderr.split())
    assert f"seed {THIRD}:{inventory.port} failed: GET" in " ".join(done.stderr.split())
    assert hosts(found, "obshell_cluster_obdemo_1") == [THIRD, SECOND, FIRST]
    assert not found["_meta"]["hostvars"][THIRD]["obshell_reachable"]
    assert hosts(found, "obshell_one_per_cluster") == [SECOND]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"seeds": [FIRST, THIRD], "strict": True}, "seed 127.0.0.3:"),
        ({"seeds": [THIRD]}, "No seed named the members of its cluster. seed 127.0.0.3:"),
        slow({"password": "wrong"}, "No seed named the members of its cluster. seed 127.0.0.1:"),
        slow({"seeds": []}, "No seed named the members of its cluster."),
        slow({"seeds": [{"host": FIRST, "passwort": "x"}]}, "seeds: passwort. Supported parameters include"),
        slow({"seeds": ["no/host"]}, "'no/host' is neither a host name nor an IP address"),
    ],
)
def test_an_inventory_that_would_mislead_is_an_error(inventory: Inventory, options: dict[str, t.Any], why: str) -> None:
    inventory.simulator.agents[2].stop()
    inventory.write(**options)
    done = inventory.run("--list", **FAIL)
    assert done.returncode != 0 and why in " ".join(done.stderr.split()), done.stdout + done.stderr


def test_the_cache_spares_the_agents(inventory: Inventory) -> None:
    inventory.write(**JSONFILE)
    first = inventory.list()
    entries = len(inventory.simulator.journal.entries)
    assert entries
    assert inventory.list() == first
    assert len(inventory.simulator.journal.entries) == entries
    (cached,) = (inventory.ansible.folder / "cache").iterdir()
    text = cached.read_text(encoding="utf-8")
    assert "obshell_failed_dags" in text and ROOT_PASSWORD not in text


@pytest.mark.slow
def test_a_flushed_cache_spares_no_agent(inventory: Inventory) -> None:
    inventory.write(**JSONFILE)
    inventory.list()
    entries = len(inventory.simulator.journal.entries)
    (inventory.ansible.folder / "play.yml").write_text("- hosts: all\n", encoding="utf-8")
    done = inventory.run("play.yml", "--list-hosts", "--flush-cache", command="ansible-playbook")
    assert done.returncode == 0 and THIRD in done.stdout
    assert len(inventory.simulator.journal.entries) > entries


@pytest.mark.slow
def test_without_the_cache_each_command_asks_again(inventory: Inventory) -> None:
    inventory.write()
    inventory.list()
    entries = len(inventory.simulator.journal.entries)
    inventory.simulator.agents[1].zone = "north"
    assert inventory.list()["_meta"]["hostvars"][SECOND]["obshell_zone"] == "north"
    assert len(inventory.simulator.journal.entries) > entries


def test_variables_and_groups_of_the_users_own(inventory: Inventory) -> None:
    inventory.write(
        compose={"where": "obshell_zone ~ '/' ~ site", "nothing": "not_there"},
        groups={"failed": "obshell_failed_dags | default([], true) | length > 0", "never": "not_there"},
        keyed_groups=[{"key": "obshell_zone"}, {"key": "obshell_identity | lower", "prefix": "is"}],
        leading_separator=False,
        use_extra_vars=True,
        password="{{ from_vault }}",
    )
    found = inventory.list("-e", "site=one", "-e", f"from_vault={ROOT_PASSWORD}", OBSHELL_PASSWORD="")
    variables = found["_meta"]["hostvars"][FIRST]
    assert variables["where"] == "east/one" and "nothing" not in variables
    assert hosts(found, "failed") == [FIRST, SECOND, THIRD]
    assert (hosts(found, "east"), hosts(found, "is_master")) == ([FIRST, SECOND], [FIRST])


def test_the_examples_hold_while_an_agent_does_not_answer(inventory: Inventory) -> None:
    """Its variables are null, which is an error in many expressions if `strict` is true."""
    *_others, groups = yaml.safe_load_all(EXAMPLES)
    inventory.simulator.agents[2].stop()
    inventory.write(strict=True, **{name: groups[name] for name in ("compose", "groups", "keyed_groups")})
    found = inventory.list()
    assert (hosts(found, "needs_recovery"), hosts(found, "unreachable")) == ([FIRST, SECOND], [THIRD])
    assert hosts(found, "version_unknown") == [THIRD]
    assert groups["groups"]["needs_recovery"] in (ROOT / "docs/inventory.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_wrong_expression_is_an_error_if_strict(inventory: Inventory) -> None:
    inventory.write(strict=True, compose={"nothing": "not_there"})
    done = inventory.run("--list", **FAIL)
    assert done.returncode != 0 and "nothing" in done.stderr


def test_a_play_reads_each_agent(inventory: Inventory) -> None:
    """Nothing that an agent says is a template."""
    inventory.simulator.agents[0].cluster.name = name = "{{ 1 + 1 }}"
    inventory.write()
    play = {
        "hosts": "obshell",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {
            "group/oceanbase.obshell.obshell": {"host": "{{ obshell_host }}", "port": "{{ obshell_port }}"}
        },
        "tasks": [
            {"oceanbase.obshell.obshell_agent_info": {}, "register": "read"},
            {"assert": {"that": ["read.agent.zone == obshell_zone", "read.agent.address == obshell_address"]}},
            {"debug": {"msg": "named {{ obshell_cluster_name }}"}},
        ],
    }
    (inventory.ansible.folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    done = inventory.run("play.yml", command="ansible-playbook")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(f"named {name}") == 3


def test_no_secret_is_printed_or_kept(inventory: Inventory) -> None:
    """Neither the password that was used, which an agent repeats in an error, nor one that was refused."""

    def repeat(exchange: Exchange) -> None:
        exchange.answer_envelope(500, error={"errCode": "Unknown", "message": f"it is {ROOT_PASSWORD}"})

    wrong = "Wr0ng#Secret+pw"
    # The first requests read what the agent is, its key and its cluster.
    with FaultyProxy(inventory.simulator.agents[0], dict.fromkeys(range(4, 40), repeat)) as proxy:
        seeds = [{"host": FIRST, "port": proxy.port, "password": ROOT_PASSWORD}, {"host": THIRD, "password": wrong}]
        inventory.write(seeds=seeds, **JSONFILE)
        done = inventory.run("--list", "-vvvv")
    assert done.returncode == 0 and "it is ********" in done.stdout and "it is ********" in done.stderr
    assert f"seed {THIRD}" in done.stderr
    kept = "".join(path.read_text(encoding="utf-8") for path in (inventory.ansible.folder / "cache").iterdir())
    for secret in (ROOT_PASSWORD, wrong):
        assert secret not in done.stdout + done.stderr + kept


@pytest.mark.slow
@pytest.mark.parametrize("seeds", ["[{host}]\npassword: {secret}", "[{{host: {host}, password: {secret}}}]"])
def test_a_password_that_a_vault_encrypted(inventory: Inventory, seeds: str) -> None:
    folder = inventory.ansible.folder
    (folder / ".vault-password").write_text("of the vault", encoding="utf-8")
    command = ["ansible-vault", "encrypt_string", "--vault-password-file", ".vault-password", ROOT_PASSWORD]
    ciphertext = inventory.ansible.run(command).stdout.partition("|")[2].replace(" ", "").strip()
    secret = f"!vault {json.dumps(ciphertext)}"
    config = (
        f"plugin: oceanbase.obshell.agents\nport: {inventory.port}\nseeds: {seeds.format(host=FIRST, secret=secret)}"
    )
    (folder / FILE).write_text(config, encoding="utf-8")
    found = inventory.list("--vault-password-file", ".vault-password", OBSHELL_PASSWORD="")
    assert found["_meta"]["hostvars"][SECOND]["obshell_error"] is None


@pytest.mark.slow
def test_another_file_name_is_declined(inventory: Inventory) -> None:
    inventory.write()
    (inventory.ansible.folder / FILE).rename(inventory.ansible.folder / "prod.yml")
    done = inventory.ansible.run(["ansible-inventory", "-i", "prod.yml", "--list"], **FAIL)
    assert done.returncode != 0 and "could not be verified" in " ".join(done.stderr.split())
    assert inventory.simulator.journal.entries == []
