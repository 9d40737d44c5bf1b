#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find and read the DAGs of an obshell agent."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_dag_info
short_description: Find and read tasks (DAGs) of an obshell agent, and why they failed
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Reads one DAG by its ID, or lists DAGs. A DAG is a task of the agent, such as an initialisation.
  - Returns why each DAG failed, and what each operator would do to it.
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.attributes.info_module
  - oceanbase.obshell.connection
  - oceanbase.obshell.foreign_agents
options:
  id:
    description:
      - Generic ID of a DAG. If no DAG has this ID, the returned list is empty.
      - Excludes O(state) and O(operator).
      - The agent forwards a request to the address in the ID, with the password of C(root@sys). The module refuses an
        ID that names an agent outside the cluster. See O(members) and O(allow_foreign_agent).
    type: str
  scope:
    description:
      - Which DAGs to list if O(id) is not given.
      - V(unfinished) lists DAGs that are not finished, and failed maintenance DAGs, which lock their agents.
      - V(last) lists the unfinished DAGs named O(name) or, if there are none, the last one. Agents before 4.3 may no
        longer list a DAG that has ended; give its O(id) too.
      - V(agent), V(agents) and V(cluster) list the last maintenance DAG of this agent, of each agent, and of the
        cluster.
      - An agent of seekdb has no other agents and no cluster. V(agents) then lists nothing, and V(cluster) lists the
        last maintenance DAG of this agent.
      - V(all) lists all DAGs of this agent and of the cluster. Agents before 4.3 have no such list; the module then
        returns the DAGs of all other lists.
    type: str
    choices: [unfinished, last, agent, agents, cluster, all]
    default: unfinished
  name:
    description: Return only DAGs with this name. With O(id), the task fails if that DAG has another name.
    type: str
  state:
    description: Return only DAGs in this state.
    type: str
    choices: [PENDING, READY, RUNNING, SUCCEED, FAILED]
  operator:
    description: Return only DAGs whose current or last attempt has this operator.
    type: str
    choices: [RUN, ROLLBACK, RETRY, PASS, CANCEL]
  details:
    description:
      - Which nodes and sub-tasks to return with each DAG. V(all) returns everything, which can be large. V(failed)
        returns the failed ones without logs; RV(dags[].failures) has the last lines of their logs.
    type: str
    choices: [none, failed, all]
    default: failed
seealso:
  - module: oceanbase.obshell.obshell_dag
"""

EXAMPLES = r"""
- name: List DAGs that are running, or failed and lock the agents
  oceanbase.obshell.obshell_dag_info:
    password: "{{ root_password }}"
  register: unfinished

- name: Read why an initialisation failed
  oceanbase.obshell.obshell_dag_info:
    password: "{{ root_password }}"
    name: Initialize cluster
    state: FAILED
  register: init

- name: Read the complete log of one DAG
  oceanbase.obshell.obshell_dag_info:
    password: "{{ root_password }}"
    id: "{{ dag_id }}"
    details: all
"""

RETURN = r"""
dags:
  description: The DAGs as the API returns them, with additional fields.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: Generic ID.
      type: str
      sample: "22130706433028864"
    name:
      description: Name.
      type: str
      sample: Initialize cluster
    state:
      description: V(READY), V(RUNNING), V(SUCCEED) or V(FAILED).
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
    nodes:
      description: Nodes and their C(sub_tasks), as O(details) says; null with O(details=none).
      type: list
      elements: dict
      sample: []
    outcome:
      description: V(initialized) or V(succeeded), V(rolled_back), V(passed), V(failed) or V(unfinished), by state and
        operator.
      type: str
      sample: failed
    failures:
      description: Why the DAG failed, as M(oceanbase.obshell.obshell_dag) returns it; not with O(details=none).
      type: list
      elements: dict
      sample: []
    operators:
      description: What each operator would do to the DAG now, and which consequences must be accepted first, as
        M(oceanbase.obshell.obshell_dag) returns it; not with O(details=none).
      type: dict
      sample:
        RETRY: {verdict: allowed, accept: [], reason: repeats the failed step and continues}
    allowed_operators:
      description: The operators whose verdict in C(operators) is V(allowed) or V(needs_consent); not with
        O(details=none).
      type: list
      elements: str
      sample: [ROLLBACK, RETRY]
running_ids:
  description: The IDs of those of RV(dags) that are running, the newest first.
  type: list
  elements: str
  returned: success
  sample: []
failed_ids:
  description: The IDs of those of RV(dags) that have failed, the newest first.
  type: list
  elements: str
  returned: success
  sample: ["22130706433028864"]
unavailable:
  description:
    - Routes that this agent does not have, with C(route), C(status), C(error) and C(trace_id). Old agents, and
      agents in no cluster, do not have all routes. If an agent has a route and fails to answer, the task fails.
    - Also each DAG that could not be read, with its C(id) and C(name), and the C(status) V(-1).
  type: list
  elements: dict
  returned: success
  sample: []
incomplete:
  description:
    - Why DAGs may be missing in RV(dags) although the agent answered without an error; empty if none is missing. Do not
      take an empty list for "nothing to do" then.
    - A cluster agent leaves out the DAGs of the cluster and of other agents while its database is not available, and
      the DAGs of agents that are down. An agent that is SCALING OUT or SCALING IN lists no unfinished DAGs.
    - Always empty with O(id) or O(scope=agent), which need no other agent's list; then see RV(unavailable).
  type: str
  returned: success
  sample: ""
msg:
  description: What failed, in words.
  type: str
  returned: failure
  sample: "GET http://127.0.0.1:2886/api/v1/secret failed: ConnectionRefusedError: [Errno 111] Connection refused"
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
  returned: when the agent answered with an error
  sample: {"errCode": "Security.Authentication.IncorrectOceanbasePassword", "message": "Unauthorized"}
status:
  description: The HTTP status of the agent's answer, or V(-1) if the agent did not answer.
  type: int
  returned: when the agent answered with an error, or did not answer
  sample: 401
trace_id:
  description: The agent's ID of that request. Search for it in the agent's log.
  type: str
  returned: when the agent answered with an error
  sample: 105e3681098e92f2
"""

from ansible_collections.oceanbase.obshell.plugins.module_utils._module.dag_info import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
