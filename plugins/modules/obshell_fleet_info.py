#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read many obshell agents and their clusters in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_fleet_info
short_description: Read many obshell agents and their clusters in one task
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Reads the identity, the state, and the unfinished and failed DAGs of many agents in one process, several agents at
    the same time. A DAG is a task of the agent, such as an initialisation.
  - An agent that does not answer, or refuses the password, does not fail the task. RV(agents[].msg) says why.
  - To show the result as a table, use the playbook C(oceanbase.obshell.survey).
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.attributes.info_module
  - oceanbase.obshell.connection
options:
  agents:
    description:
      - Agents to read, each as C(db1), C(192.0.2.1:2886) or C([2001:db8::1]:2886). Without a port, O(port) is used.
      - The connection options of the task apply to each agent, except O(host) and O(socket), which the module ignores.
    type: list
    elements: str
    default: []
  connections:
    description: Agents to read that need connection options of their own, such as another password.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: Name or address of the agent, as seen from the host where the task runs.
        type: str
        required: true
      port:
        description: Port of the agent. If not given, O(port) is used.
        type: int
      password:
        description: Password of C(root@sys) of its cluster. If neither this nor O(connections[].agent_password) is
          given, O(password) and O(agent_password) are used.
        type: str
      agent_password:
        description: Password of the agent itself, see O(agent_password).
        type: str
      use_tls:
        description: Whether to use https. If not given, O(use_tls) is used.
        type: bool
      validate_certs:
        description: Whether to check the certificate. If not given, O(validate_certs) is used.
        type: bool
      ca_path:
        description: File or directory of the trusted certificate authorities. If not given, O(ca_path) is used.
        type: path
      client_cert:
        description: File of the client certificate. If not given, O(client_cert) and O(client_key) are used.
        type: path
      client_key:
        description: File of the key of O(connections[].client_cert).
        type: path
  members:
    description:
      - Whether to read also the other agents of the clusters that the given agents belong to.
      - The module asks each of them at the address that its cluster knows, with the connection options of the given
        agent that names it. It leaves out an address that means another host where the task runs, such as a loopback
        address.
    type: bool
    default: false
  workers:
    description:
      - How many agents to read at the same time, from 1 to 200. An agent that does not answer occupies one of them for
        O(timeout) seconds.
      - Here O(timeout) limits the time of all requests to one agent together.
    type: int
    default: 50
seealso:
  - module: oceanbase.obshell.obshell_agent_info
  - module: oceanbase.obshell.obshell_dag_info
"""

EXAMPLES = r"""
- name: Read one agent of each cluster
  oceanbase.obshell.obshell_fleet_info:
    agents: [192.0.2.1, 192.0.2.2, "192.0.2.3:2887"]
    password: "{{ root_password }}"
    timeout: 10
  register: fleet

- name: Read clusters with different passwords, and all their agents
  oceanbase.obshell.obshell_fleet_info:
    connections:
      - host: 192.0.2.1
        password: "{{ orders_password }}"
      - host: 192.0.2.2
        password: "{{ billing_password }}"
    members: true
  register: fleet

- name: Fail if a cluster has a failed DAG
  ansible.builtin.assert:
    that: fleet.clusters | map(attribute="dags") | flatten | selectattr("state", "eq", "FAILED") | length == 0
"""

RETURN = r"""
agents:
  description: The agents, in the order in which they were given. Then come the other members of their clusters.
  type: list
  elements: dict
  returned: success
  contains:
    host:
      description: Host at which the agent was asked.
      type: str
      sample: 192.0.2.1
    port:
      description: Port at which the agent was asked.
      type: int
      sample: 2886
    reachable:
      description: Whether the agent answered at least one request. What it did not answer is null, or an empty list.
      type: bool
      sample: true
    msg:
      description: What failed first, in words; empty if nothing failed.
      type: str
      sample: ""
    status:
      description: The HTTP status of the request that failed, V(-1) if there was no answer, or null.
      type: int
      sample: 401
    address:
      description: Host and port of the agent, as the agent reports them.
      type: str
      sample: 192.0.2.1:2886
    type:
      description: What the agent manages, V(oceanbase) or V(seekdb).
      type: str
      sample: oceanbase
    identity:
      description: Identity of the agent, such as V(SINGLE), V(MASTER), V(FOLLOWER) or V(CLUSTER AGENT).
      type: str
      sample: CLUSTER AGENT
    version:
      description: Version of the agent.
      type: str
      sample: 4.5.0.0-1
    ob_version:
      description: Version of the observer, if one is installed, or of seekdb.
      type: str
      sample: 4.3.5.2
    zone:
      description: Zone of the agent, after it has joined.
      type: str
      sample: zone1
    under_maintenance:
      description: Whether a maintenance DAG locks the agent. A failed DAG can lock it too.
      type: bool
      sample: false
    observer_state:
      description: State of the observer or of seekdb, 0 (not running), 1 (running), 2 (restricted) or 3 (available).
      type: int
      sample: 3
    database_up:
      description: Whether the state of the observer is 3 (available).
      type: bool
      sample: true
    dags:
      description: The DAGs that are not finished, and the failed maintenance DAGs, which lock their agents. The
        agents of a cluster list the same DAGs.
      type: list
      elements: dict
      contains: &dag
        id:
          description: Generic ID.
          type: str
          sample: "23221225985028864"
        name:
          description: Name.
          type: str
          sample: Initialize cluster
        state:
          description: V(READY), V(RUNNING) or V(FAILED).
          type: str
          sample: FAILED
        operator:
          description: Operator of the current or last attempt; V(RUN) also after a retry.
          type: str
          sample: RUN
        stage:
          description: Number of the current node, from 1 to C(max_stage). A rollback counts down.
          type: int
          sample: 2
        max_stage:
          description: Number of its nodes.
          type: int
          sample: 11
        start_time:
          description: When the current or last attempt began.
          type: str
          sample: "2026-11-24T05:59:39.644Z"
        end_time:
          description: When the last attempt ended; without a meaning if the DAG is not finished.
          type: str
          sample: "2026-11-24T06:00:00.5Z"
        age:
          description: Seconds since the DAG failed or, if it is not finished, since its attempt began, by the clock
            of the agent; null if that is unknown.
          type: int
          sample: 3600
        operators:
          description: What each operator would do to the DAG now, and which consequences must be accepted first, as
            M(oceanbase.obshell.obshell_dag) returns it.
          type: dict
          sample:
            RETRY: {verdict: allowed, accept: [], reason: repeats the failed step and continues}
        allowed_operators:
          description: The operators whose verdict in C(operators) is V(allowed) or V(needs_consent).
          type: list
          elements: str
          sample: [ROLLBACK, RETRY]
    incomplete:
      description:
        - Why DAGs may be missing in C(dags); empty if none is missing. Do not take an empty list for "nothing to do"
          then.
        - See RV(oceanbase.obshell.obshell_dag_info#module:incomplete).
      type: str
      sample: ""
    unavailable:
      description: Lists that the agent does not have, and DAGs that could not be read, as
        RV(oceanbase.obshell.obshell_dag_info#module:unavailable).
      type: list
      elements: dict
      sample: []
clusters:
  description:
    - The clusters of these agents. Agents belong to the same one if they name the same name and ID, and the same
      members or, while members join or leave, at least one member in common.
    - An agent without a cluster, or one that does not say which it belongs to, has an entry of its own. An agent that
      does not answer belongs to the cluster whose agents name it.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Name of the cluster; null before it is configured, or if no agent knows it.
      type: str
      sample: orders
    id:
      description: ID of the cluster; null if RV(clusters[].name) is.
      type: int
      sample: 1
    addresses:
      description: Where its agents were asked, as host and port.
      type: list
      elements: str
      sample: ["192.0.2.1:2886"]
    unreachable:
      description: Those that did not answer.
      type: list
      elements: str
      sample: []
    identities:
      description: The different identities of the agents.
      type: list
      elements: str
      sample: [CLUSTER AGENT]
    versions:
      description: The different versions of the agents.
      type: list
      elements: str
      sample: [4.5.0.0-1]
    under_maintenance:
      description: Whether a maintenance DAG locks one of the agents; null if no agent answered.
      type: bool
      sample: false
    database_up:
      description: Whether the database is available to one of the agents; null if no agent answered.
      type: bool
      sample: true
    dags:
      description: The DAGs of its agents, each once.
      type: list
      elements: dict
      contains: *dag
    incomplete:
      description: Why DAGs may be missing in C(dags); empty if one of the agents lists all of them, and no agent lists
        a DAG that cannot be read.
      type: str
      sample: ""
msg:
  description: What failed, in words.
  type: str
  returned: failure
  sample: "no agent is given: agents and connections are empty"
check_mode:
  description: Whether the task ran in check mode.
  type: bool
  returned: always
  sample: false
retryable:
  description: Whether the cause may pass without a change.
  type: bool
  returned: failure
  sample: false
"""

from ansible_collections.oceanbase.obshell.plugins.module_utils._module.fleet_info import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
