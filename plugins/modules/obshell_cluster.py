#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Join, configure and initialise the agents of a cluster as declared, or make them single again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_cluster
short_description: Initialise an OceanBase cluster as declared, or take apart one that was never initialised
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Reads the state of each agent, and does only the steps that are still to do. The agents join, the first of
    O(servers) as the master. Then the module sets the options of the observers, sets the name, ID and password of the
    cluster, and initialises the cluster. It waits for each step.
  - If a run is interrupted, the next run continues. No state is stored between two runs.
  - The module reads all agents before it changes anything. If an agent belongs to another cluster, has another zone or
    version than declared, or another client is changing it, the task names the agent and sends nothing.
  - The module refuses an agent of seekdb, which has no cluster, before it sends a password.
  - The module never starts an initialisation beside a failed one. See O(recover).
  - If the agents have another O(name) or O(cluster_id), the module changes it as long as no initialisation has started.
    Afterwards they belong to another cluster, and the module refuses them.
  - With O(wait=false), the task does not wait for the initialisation or its recovery. It waits for earlier steps, which
    take seconds.
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.connection
  - oceanbase.obshell.wait
  - oceanbase.obshell.wait.optional
attributes:
  check_mode:
    support: full
    details: Reads and decides as in a real run, and lists the steps in RV(steps). Sends nothing, and does not wait.
  diff_mode:
    support: full
    details: Shows the identities of the agents, the name and ID of the cluster, and the options that this task set.
  idempotent:
    support: full
options:
  state:
    description:
      - V(initialized) makes all servers cluster agents with a running observer.
      - V(configured) stops before the initialisation.
      - V(absent) makes all agents single again, after a rollback of a failed initialisation. The module refuses an
        initialised cluster, because it holds data, and a cluster with another O(name) or O(cluster_id). Agent passwords
        stay.
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
      - Password of C(root@sys) that the cluster has, or will have. The module cannot change it. Over HTTP, the module
        sends it encrypted with the agent's key.
      - The module ignores O(password).
    type: str
    required: true
  servers:
    description:
      - All servers of the cluster. The connection options apply to each server, except O(host), which the module
        ignores, and options that the server sets itself.
      - The agents must reach each other at the addresses that they report.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description: Name or address of the agent, as seen from the host where the task runs.
        type: str
        required: true
      port:
        description: Port of the agent. If not given, O(port) is used.
        type: int
      zone:
        description: Zone of the server.
        type: str
        required: true
      config:
        description: Options of its observer, such as C(mysql_port), C(rpc_port), C(data_dir). They override O(config).
        type: dict
        default: {}
      agent_password:
        description:
          - Password of the agent itself (agents 4.2.6 and later). If not given, O(agent_password) is used.
          - If the agent has no password, the module sets it before the agent joins, or after the initialisation. If the
            agent has another one, the task names the agent and sends nothing. The module cannot change a password.
          - Each agent that has a password, of any identity, verifies it before the task changes anything. A unix socket
            accepts all passwords, so through O(socket) nothing is verified.
        type: str
  config:
    description:
      - Options of all observers, such as C(memory_limit), C(system_memory), C(datafile_size).
      - The agent does not report its options. The module therefore sets them before each initialisation, in place of
        earlier ones. If none is declared, earlier ones stay, because the agent refuses an empty set. This applies also
        to O(servers[].config) of one server. O(state=absent) removes all of them.
      - With O(state=configured), a cluster with this O(name) and O(cluster_id) counts as configured, unless options
        were set after these.
    type: dict
    default: {}
  recover:
    description:
      - What to do if an earlier initialisation has failed. A task does not recover an initialisation that it started.
      - V(none) fails, and says why the initialisation failed. V(retry) retries it. V(rollback) rolls it back, then sets
        all options again and initialises again.
      - A server that was added to O(servers) after the initialisation started can join only after V(rollback). With
        V(none) or V(retry), the task names the server and sends nothing.
    type: str
    choices: [none, retry, rollback]
    default: none
  accept:
    description:
      - The consequences that O(recover) and O(state=absent) may have, see
        O(oceanbase.obshell.obshell_dag#module:accept).
      - V(data_removal) is needed if the node C(Create observer workdir) failed. The agent then deletes the data and
        redo directories.
    type: list
    elements: str
    default: []
    choices:
      - data_removal
      - tenant_drop
      - job_continues
      - archiving_off
      - observer_kill
      - half_done
      - second_backup
      - may_be_in_use
      - unknown_kind
  proxyro_password:
    description: During the initialisation, create the user C(proxyro) for OBProxy with this password.
    type: str
seealso:
  - module: oceanbase.obshell.obshell_dag
  - name: The role oceanbase.obshell.init_cluster
    description: Calls this module, and recovers a failed initialisation by a policy.
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

- name: Take apart a cluster that was never initialised
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
outcome:
  description: V(initialized), V(unfinished) or V(failed). In check mode V(initialized) means that nothing would change.
  type: str
  returned: once the options were read
  sample: initialized
recovery:
  description: How a failed initialisation can be recovered; null if there is none.
  type: dict
  returned: once the options were read
  contains:
    policies:
      description: V(retry) and V(rollback), or only V(rollback) if a retry would leave out a server.
      type: list
      elements: str
      sample: [retry, rollback]
    server:
      description: Index in O(servers) of the server to ask.
      type: int
      sample: 0
    host:
      description: Host of that server.
      type: str
      sample: 192.0.2.1
    port:
      description: Port of its agent.
      type: int
      sample: 2886
steps:
  description: The steps that the task did, or in check mode would do, in words.
  type: list
  elements: str
  returned: once the options were read
  sample: ["join 192.0.2.1:2886 as the master, in zone1", "initialise the cluster"]
cluster:
  description: Name and ID of the cluster when it was read last, or null.
  type: dict
  returned: once the options were read
  sample: {name: obdemo, id: 1}
members:
  description: State of each agent when it was read last.
  type: list
  elements: dict
  returned: once the options were read
  contains:
    host:
      description: O(servers[].host) of the server.
      type: str
      sample: 192.0.2.1
    port:
      description: Port of the agent.
      type: int
      sample: 2886
    address:
      description: Address that the agent reports, or null if the agent did not answer.
      type: str
      sample: 192.0.2.1:2886
    identity:
      description: Identity of the agent, such as V(MASTER) or V(CLUSTER AGENT), or V(UNREACHABLE).
      type: str
      sample: CLUSTER AGENT
    zone:
      description: Zone that the agent joined.
      type: str
      sample: zone1
    version:
      description: Version of the agent.
      type: str
      sample: 4.5.0.0-1
    under_maintenance:
      description: Whether a DAG locked the agent.
      type: bool
      sample: false
dag:
  description: The DAG that the task waited for last, or that blocks it, as M(oceanbase.obshell.obshell_dag) returns it.
  type: dict
  returned: once the options were read
  sample: {id: "22130706433028864", name: Initialize cluster, state: SUCCEED, operator: RUN}
failures:
  description: Why that DAG failed, as M(oceanbase.obshell.obshell_dag) returns it.
  type: list
  elements: dict
  returned: once the options were read
  sample: []
operators:
  description: What each operator would do to this DAG, as M(oceanbase.obshell.obshell_dag) returns it.
  type: dict
  returned: once the options were read
  sample: {}
allowed_operators:
  description: The operators whose verdict in RV(operators) is V(allowed) or V(needs_consent).
  type: list
  elements: str
  returned: once the options were read
  sample: []
elapsed:
  description: Duration of the task in seconds.
  type: float
  returned: once the options were read
  sample: 65.2
trace_ids:
  description: The agents' IDs of the requests that could change something, and of the requests that failed.
  type: list
  elements: str
  returned: once the options were read
  sample: [105e3681098e92f2]
msg:
  description: What happened, in words.
  type: str
  returned: always
  sample: the cluster obdemo is initialized
operator:
  description: The operator that O(recover) or O(state=absent) applied to an earlier initialisation.
  type: str
  returned: when that operator failed
  sample: ROLLBACK
applied:
  description: Whether this operator was applied, as M(oceanbase.obshell.obshell_dag) returns it.
  type: raw
  returned: when that operator failed
  sample: true
missing_accept:
  description: The consequences that O(accept) must name before the operator is sent.
  type: list
  elements: str
  returned: when the operator was refused for that reason
  sample: [data_removal]
check_mode:
  description: Whether the task ran in check mode.
  type: bool
  returned: always
  sample: false
retryable:
  description: Whether the cause may pass without a change, as when an agent restarts.
  type: bool
  returned: failure
  sample: true
error:
  description: The agent's own error, with C(code) or C(errCode) and C(message).
  type: dict
  returned: when an agent answered with an error
  sample: {"errCode": "Agent.UnderMaintenance", "message": "127.0.0.1:2886 is under maintenance"}
status:
  description: The HTTP status of the agent's answer, or V(-1) if the agent did not answer.
  type: int
  returned: when an agent answered with an error, or did not answer
  sample: 401
trace_id:
  description: The agent's ID of that request. Search for it in the agent's log.
  type: str
  returned: when an agent answered with an error
  sample: 105e3681098e92f2
"""

from ansible_collections.oceanbase.obshell.plugins.module_utils._module.cluster import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
