# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agents of OceanBase clusters as hosts, found from some agents of each cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
name: agents
short_description: Agents of OceanBase clusters as inventory hosts
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Asks one or several agents of each cluster (the seeds) for the members of their clusters. Each member becomes a
    host.
  - Only reads, and only what is safe to read at any time. It needs a password, because agents list the members of their
    cluster only to users who have one.
  - The configuration file must have a name that ends with C(obshell.yml) or C(obshell.yaml).
  - The name of a host is the address by which its cluster knows the agent, such as C(192.0.2.1). The port follows, as
    in C(192.0.2.1:2887), if it differs from O(port). So the name of a host depends neither on other hosts nor on the
    seeds. Only if agents of different clusters know themselves by the same address, as in private networks, each is
    named by the address where it was asked, with a warning.
  - Each host is in a group for its cluster (C(obshell_cluster_), its name and ID), one for its identity (such as
    C(obshell_identity_cluster_agent)) and one for its zone (C(obshell_zone_) and its name). The group
    C(obshell_one_per_cluster) has the first agent of each cluster that answers. All these groups are in the group
    C(obshell).
  - For the variables of a host see the notes.
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: Name of this plugin. Without it, another plugin reads the file.
    type: str
    required: true
    choices: [oceanbase.obshell.agents]
  seeds:
    description:
      - At least one agent of each cluster. Give two or more, so that the plugin finds the members of the cluster also
        while one of them does not answer.
      - A seed is a host, a host with its port (C(192.0.2.1:2887), C([2001:db8::1]:2887)), or a dictionary with C(host)
        and any of the connection options below. These options then apply to the seed and to the members that it names.
      - Give the address by which the cluster knows the agent. A seed that does not answer is a host of the name given
        here.
      - Each value can be a template, for example with a lookup.
    type: list
    elements: raw
    required: true
  port:
    description:
      - Port of seeds that have no port of their own, and the port that the names of hosts leave out.
      - If not given, the environment variable E(OBSHELL_PORT) is used for the seeds, or else V(2886). The names of
        hosts then leave out V(2886).
    type: int
  password:
    description:
      - Password of C(root@sys). The plugin sends it encrypted with the public key of each agent, to the seeds and to
        the members that they name. It can be a template, or a value that a vault encrypted.
      - If not given, the environment variable E(OBSHELL_PASSWORD) is used.
    type: str
  agent_password:
    description:
      - Password of the agents themselves, if they have one. It can be a template, or a value that a vault encrypted.
      - If not given, the environment variable E(OBSHELL_AGENT_PASSWORD) is used.
    type: str
  use_tls:
    description:
      - Whether to use https.
      - If not given, the environment variable E(OBSHELL_USE_TLS) is used, or else V(false).
    type: bool
  use_proxy:
    description:
      - Whether to use the proxy that the environment sets.
      - If not given, the environment variable E(OBSHELL_USE_PROXY) is used, or else V(true).
    type: bool
  validate_certs:
    description:
      - Whether to check the certificates of the agents.
      - If not given, the environment variable E(OBSHELL_VALIDATE_CERTS) is used, or else V(true).
    type: bool
  ca_path:
    description:
      - File or directory of the trusted certificate authorities.
      - If not given, the environment variable E(OBSHELL_CA_PATH) is used.
    type: path
  client_cert:
    description:
      - File of the client certificate in PEM format.
      - If not given, the environment variable E(OBSHELL_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - File of the key that belongs to O(client_cert).
      - If not given, the environment variable E(OBSHELL_CLIENT_KEY) is used.
    type: path
  timeout:
    description:
      - Seconds that all requests to one agent may take together. The plugin asks up to 32 agents at the same time,
        first the seeds and then the other members. So up to 32 members that do not answer cost this time once.
      - If not given, the environment variable E(OBSHELL_TIMEOUT) is used, or else V(30).
    type: float
  strict:
    description:
      - If V(true), a seed that does not answer all requests is an error, and so is an invalid entry of O(compose),
        O(groups) or O(keyed_groups). If V(false), such a seed is a warning, and such an entry is ignored.
      - It is always an error if no seed names the members of its cluster.
requirements:
  - cryptography >= 3.4.1
  - requests >= 2.25 (with O(use_tls), and through a proxy)
notes:
  - The variables of a host are C(ansible_host); C(obshell_host) and C(obshell_port), where the plugin asked the agent;
    C(obshell_address), the address by which the cluster knows it; C(obshell_reachable), whether it answered;
    C(obshell_error), why it did not answer all requests; C(obshell_type), C(obshell_identity), C(obshell_zone),
    C(obshell_version), C(obshell_ob_version), C(obshell_cluster_name), C(obshell_cluster_id),
    C(obshell_under_maintenance), C(obshell_database_up); C(obshell_failed_dags), a list of C(id) and C(name);
    and C(obshell_incomplete), why DAGs may be missing in that list. A variable is null if its value is not known.
  - A member that does not answer stays a host, with C(obshell_reachable=false) and the identity and the zone that its
    cluster knows.
  - The cache holds the variables of the hosts, also C(obshell_failed_dags). Leave it off, or give it a short
    O(cache_timeout), if a playbook decides by variables that change.
seealso:
  - module: oceanbase.obshell.obshell_agent_info
"""

EXAMPLES = r"""
# prod.obshell.yml, with the password from OBSHELL_PASSWORD in the environment
---
plugin: oceanbase.obshell.agents
seeds:
  - 192.0.2.1
  - 192.0.2.2

# Clusters with passwords of their own, and the cache
---
plugin: oceanbase.obshell.agents
seeds:
  - host: 192.0.2.1
    password: "{{ lookup('ansible.builtin.env', 'ORDERS_PASSWORD') }}"
  - host: 198.51.100.1
    port: 2900
    password: "{{ lookup('ansible.builtin.env', 'BILLING_PASSWORD') }}"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/cache/ansible
cache_timeout: 600

# Groups and variables of your own. The variables of an agent that does not answer are null
---
plugin: oceanbase.obshell.agents
seeds:
  - 192.0.2.1
compose:
  ansible_user: "'admin'"
groups:
  needs_recovery: obshell_failed_dags | default([], true) | length > 0
  unreachable: not obshell_reachable
keyed_groups:
  - prefix: version
    key: obshell_version | default("unknown", true)
"""

import contextlib
import typing as t

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._errors import ObshellError, wrap_unexpected
from ..module_utils._ids import Address
from ..module_utils._module.environment import DEFAULTS, environment_secrets
from ..module_utils._module.masking import COLLISION, Masker
from ..module_utils._module.options import Params, connection_secrets
from ..module_utils._module.printable import one_line
from ..module_utils._module.surveys import Surveys
from ..plugin_utils._agent_addresses import describe_shared
from ..plugin_utils._agent_hosts import PREFIX, AgentHost, make_hosts
from ..plugin_utils._discovery import discover, names_members
from ..plugin_utils._seeds import OPTIONS, read_seeds
from ..plugin_utils._variables import as_data
from ..plugin_utils._vault import unwrap_vault

ENDINGS = ("obshell.yml", "obshell.yaml")
Inventory = t.Any


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory plugin of this file."""

    NAME = "oceanbase.obshell.agents"

    def verify_file(self, path: str) -> bool:
        """Whether the file may be a configuration of this plugin."""
        return bool(super().verify_file(path)) and path.endswith(ENDINGS)

    def parse(self, inventory: Inventory, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add the agents to an inventory, from the cache if it has them and may be read."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        for host in self._read_hosts(self.get_cache_key(path), may_read_cache=cache):
            self._add(host)

    def _read_hosts(self, key: str, *, may_read_cache: bool) -> list[AgentHost]:
        if not self.get_option("cache"):
            return self._find_hosts()
        if may_read_cache:
            with contextlib.suppress(KeyError):
                return [AgentHost(**host) for host in self._cache[key]]
        hosts = self._find_hosts()
        self._cache[key] = [host._asdict() for host in hosts]
        return hosts

    def _find_hosts(self) -> list[AgentHost]:
        given, options = self._given_seeds(), self._given_options()
        try:
            with wrap_unexpected():
                seeds = read_seeds(given, options)
                surveys = discover(seeds)
        except ObshellError as error:
            raise AnsibleParserError(error.message) from None
        secrets = [secret for params in seeds.values() for secret in connection_secrets(params)]
        masker = Masker([*secrets, *environment_secrets()])
        self._report(surveys, seeds.keys(), masker)
        port = int(self.get_option("port") or str(DEFAULTS["port"]))
        hosts = make_hosts(surveys, default_port=port, masker=masker)
        if masker.collides:
            self.display.warning(COLLISION)
        return hosts

    def _given_seeds(self) -> list[t.Any]:
        seeds = self.get_option("seeds")
        unwrap_vault(seeds)
        return t.cast("list[t.Any]", self._template(seeds))

    def _given_options(self) -> Params:
        return {name: self._template(self.get_option(name)) for name in OPTIONS}

    def _template(self, value: t.Any) -> t.Any:
        if self.get_option("use_extra_vars"):
            self.templar.available_variables = self._vars
        return self.templar.template(value)

    def _report(self, surveys: Surveys, seeds: t.Collection[Address], masker: Masker) -> None:
        """Warn of agents that did not answer all requests, or fail if an inventory without them would mislead.

        :raises AnsibleParserError: no seed named the members of its cluster, or a seed failed and `strict` is true.
        """
        errors = {asked: one_line(masker.text(found.error.message)) for asked, found in surveys.items() if found.error}
        failed = [f"seed {seed} failed: {errors[seed]}" for seed in seeds if seed in errors]
        if not any(names_members(surveys[seed]) for seed in seeds):
            raise AnsibleParserError(f"No seed named the members of its cluster. {'. '.join(failed)}")
        if failed and self.get_option("strict"):
            raise AnsibleParserError(". ".join(failed))
        for text in [*failed, *describe_shared(surveys)]:
            self.display.warning(text)
        others = [str(asked) for asked in errors if asked not in seeds]
        if others:
            self.display.warning(f"Some requests to {', '.join(others)} failed. The variable obshell_error says why")

    def _add(self, host: AgentHost) -> None:
        self.inventory.add_host(host.name)
        for name in host.groups:
            group = self.inventory.add_group(self._sanitize_group_name(name))
            self.inventory.add_child(group, host.name)
            if group != PREFIX:
                self.inventory.add_group(PREFIX)
                self.inventory.add_child(PREFIX, group)
        self._set_variables(host.name, host.variables)
        self._construct(host.name)

    def _set_variables(self, host: str, variables: dict[str, t.Any]) -> None:
        for name, value in variables.items():
            self.inventory.set_variable(host, name, as_data(value))

    def _construct(self, host: str) -> None:
        strict = self.get_option("strict")
        compose = self.get_option("compose")
        self._set_composite_vars(compose, self._variables(host), host, strict=strict)
        self._set_variables(host, {name: value for name, value in self._variables(host).items() if name in compose})
        self._add_host_to_composed_groups(self.get_option("groups"), {}, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), {}, host, strict=strict)

    def _variables(self, host: str) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.inventory.get_host(host).get_vars())
