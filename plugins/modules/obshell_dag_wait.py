#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for DAGs of an obshell agent to end, without operating them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_dag_wait
short_description: Wait for tasks (DAGs) of an obshell agent to end
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Waits for one DAG, or for all unfinished DAGs of a name or a tenant, and shows progress. Sends no operator.
  - Use it for DAGs that something else has started, such as another client or a job of the agent. To apply an operator
    and wait for its end state, use M(oceanbase.obshell.obshell_dag).
  - If several DAGs are unfinished, the module waits for them one after the other. It does not wait for DAGs that start
    later.
  - While the database of the agent is not available, the module reads only the status of the agent instead of DAGs of
    the cluster, and continues when the database is available again.
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.connection
  - oceanbase.obshell.foreign_agents
  - oceanbase.obshell.wait
attributes:
  check_mode:
    support: full
    details: Returns at once the DAGs that it would wait for. Fails if one of them has already ended in another way than
      O(until) asks for.
  diff_mode:
    support: N/A
    details: This module changes nothing.
  idempotent:
    support: full
    details: This module changes nothing.
options:
  id:
    description:
      - Generic ID of the DAG, as the agent returns it. If no DAG has this ID, the task fails.
      - Give at least one of O(id), O(name) and O(tenant).
      - The agent forwards a request to the address in the ID, with the password of C(root@sys). The module refuses an
        ID that names an agent outside the cluster. See O(members) and O(allow_foreign_agent).
    type: str
  name:
    description:
      - Name of the DAGs, such as V(Initialize cluster). Selects all unfinished DAGs of that name. A failed maintenance
        DAG is unfinished, because it locks its agents, but it has ended and is not waited for.
      - With O(id), the task fails if that DAG has another name.
    type: str
  tenant:
    description:
      - Name of a tenant. Selects all unfinished DAGs that work on it. With O(name), a DAG must have both.
      - Old agents do not say on which tenant a DAG works if its name does not contain the tenant. Such a DAG counts as
        one of this tenant.
    type: str
  until:
    description:
      - Which end to wait for. If a DAG ends in another way, the task fails after all DAGs have ended.
      - V(succeeded) means that each DAG must have run all its steps (C(SUCCEED/RUN)). A DAG that failed, or was
        cancelled, rolled back or passed, has not succeeded. If no DAG of O(name) and O(tenant) is unfinished, the
        newest one that the agent still lists must have succeeded. If there is none, the task fails. Agents before 4.3
        list few DAGs that have ended; give O(id) for these.
      - V(ended) means that any end counts. If no DAG of O(name) and O(tenant) is unfinished, there is nothing to wait
        for, and the task succeeds at once.
      - If the lists of the agent are incomplete (RV(incomplete)) and show no such DAG, the task reads them again until
        they are complete or show one.
    type: str
    choices: [ended, succeeded]
    default: succeeded
seealso:
  - module: oceanbase.obshell.obshell_dag
  - module: oceanbase.obshell.obshell_dag_info
"""

EXAMPLES = r"""
- name: Wait for the end of an initialisation that another client has started
  oceanbase.obshell.obshell_dag_wait:
    password: "{{ root_password }}"
    name: Initialize cluster
    until: ended

- name: Wait at most ten minutes for one DAG
  oceanbase.obshell.obshell_dag_wait:
    id: "{{ dag_id }}"
    until: ended
    wait_timeout: 600

- name: Wait until nothing works on a tenant
  oceanbase.obshell.obshell_dag_wait:
    tenant: orders
    until: ended
"""

RETURN = r"""
dags:
  description:
    - The DAGs that were waited for, as the API returned them last, with only their failed nodes and sub-tasks, and with
      the same additional fields as in M(oceanbase.obshell.obshell_dag_info).
  type: list
  elements: dict
  returned: unless an option is wrong
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
      sample: SUCCEED
    operator:
      description: Operator of the current or last attempt; V(RUN) also after a retry.
      type: str
      sample: RUN
    outcome:
      description: V(initialized) or V(succeeded), V(rolled_back), V(passed), V(failed) or V(unfinished), by state and
        operator.
      type: str
      sample: initialized
    failures:
      description: Why the DAG failed, as M(oceanbase.obshell.obshell_dag) returns it.
      type: list
      elements: dict
      sample: []
    operators:
      description: What each operator would do to the DAG now, as M(oceanbase.obshell.obshell_dag) returns it.
      type: dict
      sample:
        RETRY: {verdict: refused, accept: [], reason: "it has succeeded, nothing is left to do"}
    allowed_operators:
      description: The operators whose verdict in C(operators) is V(allowed) or V(needs_consent).
      type: list
      elements: str
      sample: []
failures:
  description: The C(failures) of all RV(dags).
  type: list
  elements: dict
  returned: unless an option is wrong
  sample: []
dag:
  description: The DAG, without the additional fields.
  type: dict
  returned: with O(id), once the DAG was read
  sample: {id: "22130706433028864", name: Initialize cluster, state: SUCCEED, operator: RUN}
operators:
  description: The C(operators) of RV(dag).
  type: dict
  returned: with O(id), once the DAG was read
  sample:
    RETRY: {verdict: refused, accept: [], reason: "it has succeeded, nothing is left to do"}
allowed_operators:
  description: The C(allowed_operators) of RV(dag).
  type: list
  elements: str
  returned: with O(id), once the DAG was read
  sample: []
incomplete:
  description:
    - Why the lists of the agent may hide other DAGs, as M(oceanbase.obshell.obshell_dag_info) returns it; empty if they
      hide none, and with O(id).
  type: str
  returned: unless an option is wrong
  sample: ""
elapsed:
  description: Duration of the task in seconds.
  type: float
  returned: unless an option is wrong
  sample: 5.2
trace_ids:
  description: The agent's IDs of the requests that failed, except reads that found nothing. Search for them in the
    agent's log.
  type: list
  elements: str
  returned: unless an option is wrong
  sample: []
msg:
  description: What happened, in words.
  type: str
  returned: always
  sample: DAG 22130706433028864 (Initialize cluster) is SUCCEED/RUN at stage 11 of 11
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
  sample: {"errCode": "Task.NotFound", "message": "Task not found: record not found"}
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

from ansible_collections.oceanbase.obshell.plugins.module_utils._module.dag_wait import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
