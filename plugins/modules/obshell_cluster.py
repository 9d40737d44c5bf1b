#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the agents of a cluster to what is declared: joined, configured, initialised, or single again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_cluster
short_description: Initialise an OceanBase cluster as it is declared, or take back what was not initialised
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Reads what each agent of a cluster is, and does only what is missing, in this order. Agents join, the first of
    O(servers) as the master; the options of the observers are set; the cluster's name, ID and password are set; the
    cluster is initialised. Each of these is waited for.
  - Nothing is remembered between two runs. A run that was cut off anywhere is gone on with by the next.
  - Everything is read before anything is sent. An agent that belongs to another cluster, has another zone or version
    than declared, or is being changed by something else is named, and nothing is sent.
  - Where an earlier initialisation has failed, no second one is started beside it. See O(recover).
  - Agents that were told another O(name) or O(cluster_id) are told anew as long as no initialisation was begun. One
    that was begun is another cluster's, and refused.
  - With O(wait=false) the initialisation, or its recovery, is not waited for. What comes before takes seconds, and is.
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.connection
  - oceanbase.obshell.wait
attributes:
  check_mode:
    support: full
    details: Reads and decides as without, and lists in RV(steps) what is missing; sends nothing and does not wait.
  diff_mode:
    support: full
    details: Shows what each agent is, what the cluster was told, and what this task told the observers.
  idempotent:
    support: full
options:
  state:
    description:
      - V(initialized) makes all servers cluster agents with a running observer.
      - V(configured) stops before the initialisation.
      - V(absent) makes all agents single ones again. An initialisation that failed is rolled back first; a cluster that
        is initialised is refused, since it holds data, and so is one of another O(name) or O(cluster_id). Agent
        passwords stay.
    type: str
    choices: [initialized, configured, absent]
    default: initialized
  name:
    description: Name of the cluster.
    type: str
    required: true
  cluster_id:
    description: ID of the cluster.
    type: int
    default: 1
  root_password:
    description:
      - Password of C(root@sys) that the cluster has, or will have. It is encrypted with the agent's key wherever it is
        sent. It cannot be changed by this module.
      - The option O(password) of the other modules is not used.
    type: str
    required: true
  servers:
    description:
      - All servers of the cluster. The options of the connection hold for each, but for O(host), which is not used, and
        for what a server has of its own.
      - The agents must reach one another at the addresses that they give for themselves.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description: Name or address of the agent as seen from where the task runs.
        type: str
        required: true
      port:
        description: Port of the agent. If not given, O(port).
        type: int
      zone:
        description: Its zone.
        type: str
        required: true
      config:
        description: Options of its observer, over those of O(config), such as C(mysql_port), C(rpc_port), C(data_dir).
        type: dict
        default: {}
      agent_password:
        description:
          - Password of the agent itself (agents 4.3 and later). If not given, O(agent_password).
          - An agent that has none gets it, before it joins or once the cluster is initialised. One that has another is
            named, and nothing is sent; to change it is not this module's to do.
        type: str
  config:
    description:
      - Options of all observers, such as C(memory_limit), C(system_memory), C(datafile_size).
      - The agent does not tell which were set. So they are set anew before each initialisation, and replace those set
        before. Only where none are declared at all, those set before stay, since the agent refuses an empty set; so
        also with the O(servers[].config) of one server. O(state=absent) takes all back.
      - With O(state=configured) a cluster that knows its O(name) and O(cluster_id) counts as configured, unless options
        were set after these.
    type: dict
    default: {}
  recover:
    description:
      - What to do about an initialisation that failed earlier.
      - V(none) fails, saying why it had failed. V(retry) retries it. V(rollback) rolls it back, then sets all options
        anew and initialises again.
      - One that this very task started is not recovered by it.
      - A server that has no part in it, since it was added to O(servers) later, can join only after V(rollback). With
        the other two it is named, and nothing is sent.
    type: str
    choices: [none, retry, rollback]
    default: none
  accept_data_removal:
    description:
      - Allow to go through a failed C(Create observer workdir), where the agent deletes the data and redo directories
        with all that is in them. See O(oceanbase.obshell.obshell_dag#module:accept_data_removal).
    type: bool
    default: false
  proxyro_password:
    description: Create the user C(proxyro), for OBProxy, with this password during the initialisation.
    type: str
seealso:
  - module: oceanbase.obshell.obshell_dag
  - name: The role oceanbase.obshell.init_cluster
    description: Calls this module, and recovers what fails by a policy.
    link: https://github.com/oceanbase/ansible-collection-obshell/tree/main/roles/init_cluster
"""

EXAMPLES = r"""
- name: Initialise a cluster of three zones
  oceanbase.obshell.obshell_cluster:
    name: obdemo
    cluster_id: 1
    root_password: "{{ root_password }}"
    servers:
      - {host: 192.0.2.1, zone: zone1}
      - {host: 192.0.2.2, zone: zone2}
      - {host: 192.0.2.3, zone: zone3}
    config:
      memory_limit: 16G
      datafile_size: 100G
      data_dir: /data/1
      redo_dir: /data/log1

- name: Take back what was not initialised
  oceanbase.obshell.obshell_cluster:
    state: absent
    name: obdemo
    root_password: "{{ root_password }}"
    servers:
      - {host: 192.0.2.1, zone: zone1}
      - {host: 192.0.2.2, zone: zone2}
      - {host: 192.0.2.3, zone: zone3}
"""

RETURN = r"""
steps:
  description: What was done, in check mode what is missing, for a person.
  type: list
  elements: str
  returned: once the options were read
  sample: ["join 192.0.2.1:2886 as the master, in zone1", "initialise the cluster"]
cluster:
  description: What the cluster was told when it was read last, or nothing.
  type: dict
  returned: once the options were read
  sample: {name: obdemo, id: 1}
members:
  description: What each agent was when it was read last.
  type: list
  elements: dict
  returned: once the options were read
  contains:
    host:
      description: The server's O(servers[].host).
      type: str
      sample: 192.0.2.1
    port:
      description: The port that was asked.
      type: int
      sample: 2886
    address:
      description: What the agent calls itself, or nothing where it did not answer.
      type: str
      sample: 192.0.2.1:2886
    identity:
      description: V(SINGLE), V(MASTER), V(FOLLOWER), V(CLUSTER AGENT) or another, or V(UNREACHABLE).
      type: str
      sample: CLUSTER AGENT
    zone:
      description: The zone that it joined.
      type: str
      sample: zone1
    version:
      description: Version of the agent.
      type: str
      sample: 4.5.0.0-1
    under_maintenance:
      description: Whether a DAG locked it.
      type: bool
      sample: false
dag:
  description: The DAG that was waited for last, or that is in the way, as M(oceanbase.obshell.obshell_dag) returns it.
  type: dict
  returned: once the options were read
  sample: {id: "22130706433028864", name: Initialize cluster, state: SUCCEED, operator: RUN}
failures:
  description: Why that DAG failed, as M(oceanbase.obshell.obshell_dag) returns it.
  type: list
  elements: dict
  returned: once the options were read
  sample: []
allowed_operators:
  description: The operators that this DAG takes now, as far as its state tells.
  type: list
  elements: str
  returned: once the options were read
  sample: []
elapsed:
  description: Seconds that the task took.
  type: float
  returned: once the options were read
  sample: 65.2
trace_ids:
  description: The agents' IDs of the requests that could change something, and of those that failed.
  type: list
  elements: str
  returned: once the options were read
  sample: [105e3681098e92f2]
msg:
  description: What happened, for a person.
  type: str
  returned: always
  sample: the cluster obdemo is initialized
operator:
  description: The operator by which O(recover) or O(state=absent) went about an earlier initialisation.
  type: str
  returned: when that failed
  sample: ROLLBACK
applied:
  description: Whether this operator was applied, as M(oceanbase.obshell.obshell_dag) returns it.
  type: raw
  returned: when that failed
  sample: true
data_at_risk:
  description: The agents on which the agent would delete directories, see O(accept_data_removal).
  type: list
  elements: str
  returned: when it was refused for that
  sample: ["192.0.2.1:2886"]
error:
  description: The agent's own error, with C(code) or C(errCode) and C(message).
  type: dict
  returned: when an agent answered with an error
  sample: {"errCode": "Agent.UnderMaintenance", "message": "127.0.0.1:2886 is under maintenance"}
status:
  description: The HTTP status of the agent's answer, or V(-1) where there was none.
  type: int
  returned: when an agent answered with an error, or not at all
  sample: 401
trace_id:
  description: The agent's ID of that request, to be found in its log.
  type: str
  returned: when an agent answered with an error
  sample: 105e3681098e92f2
"""

from ..module_utils._module.cluster import TASK
from ..module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
