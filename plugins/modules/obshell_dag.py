#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply an operator to a DAG of an obshell agent, and wait for the operator's end state."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_dag
short_description: Roll back, retry, pass or cancel a task (DAG) of an obshell agent
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Applies an operator to one DAG, and waits for the operator's end state.
  - The agent runs each long job, such as an initialisation, as a DAG of nodes. A DAG that fails stays FAILED, and
    usually locks its agents until it is rolled back, retried with success, or passed.
  - The operator requests an end state. The module reads the DAG, and decides whether that state is already reached,
    under way, possible or refused. You can run the same task any number of times. It sends at most one request that
    the agent can accept.
  - If the DAG fails again, the task fails. It returns the node, the agent and the log lines of the failure.
  - The module refuses an operator that the agent would accept but that would ruin a cluster, such as cancelling a
    rollback, or rolling back an initialisation beside another one that owns the cluster.
  - An operator that destroys something or leaves something undone needs consent. See O(accept).
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.connection
  - oceanbase.obshell.foreign_agents
  - oceanbase.obshell.wait
  - oceanbase.obshell.wait.optional
attributes:
  check_mode:
    support: full
    details: Reads the DAG and decides as in a real run. Sends no operator, and does not wait.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  id:
    description:
      - Generic ID of the DAG, as the agent returns it. Give O(id), O(name) or both.
      - The agent forwards a request to the address in the ID, with the password of C(root@sys). The module refuses an
        ID that names an agent outside the cluster. See O(members) and O(allow_foreign_agent).
    type: str
  name:
    description:
      - Name of the DAG, such as V(Initialize cluster). Selects the newest unfinished DAG of that name, otherwise the
        last maintenance DAG if it has that name. A failed maintenance DAG is unfinished, because it locks its agents.
      - If several DAGs of that name are unfinished, the module refuses V(RETRY) and V(PASS). If several agents have
        one, it refuses every operator.
      - With O(id), the task fails if that DAG has another name. An ID that went through a floating-point number can be
        that of another DAG.
    type: str
  operator:
    description:
      - V(ROLLBACK) undoes a failed DAG and unlocks its agents.
      - V(RETRY) runs a failed DAG again from the failed node. If the DAG is running, the task only waits.
      - V(PASS) ends a failed DAG as succeeded, without running the rest of it, if the DAG allows that.
      - V(CANCEL) stops a running DAG, which ends as failed. It does not change a DAG that has ended.
    type: str
    required: true
    choices: [ROLLBACK, RETRY, PASS, CANCEL]
  node:
    description:
      - Skips one failed node of the DAG with V(PASS), after which the DAG continues with the next node. Name or generic
        ID of the node; if several nodes have the name, give the ID. RV(dag.nodes) shows both.
      - The task waits for the end of the DAG, and succeeds only if that is C(SUCCEED/RUN). If the node is already
        passed, or the DAG has succeeded, nothing changes. If the DAG fails again at a later node, the task fails.
      - What the node does stays undone, so this always needs V(half_done) in O(accept), and sometimes more. Many nodes
        cannot be skipped; the refusal says why.
      - Needs an agent 4.3.2 or later. Older agents have no such request, so the module refuses it.
    type: str
  settle:
    description:
      - If a running or cancelled DAG does not allow the operator yet, wait for its end and decide again, instead of
        refusing. The task waits for that end also with O(wait=false).
    type: bool
    default: false
  accept:
    description:
      - The consequences that the operator may have. Without them the module refuses the operator and says which ones it
        needs. RV(operators) in results says so for each operator.
      - V(data_removal) means that directories or replicas are deleted with all data in them. V(RETRY) and V(ROLLBACK)
        of a DAG whose node C(Create observer workdir) failed delete the data and redo directories of the observer with
        all files and the targets of their links, its logs and its configuration. Save the files first.
      - V(tenant_drop) means that a tenant is dropped with all its data.
      - V(job_continues) means that the database continues the job, although the DAG shows that it ended.
      - V(archiving_off) means that log archiving is switched off and stays off until you switch it on.
      - V(observer_kill) means that a running server process is killed.
      - V(half_done) means that the steps that are skipped stay undone.
      - V(second_backup) means that a second backup starts beside the first one.
      - V(may_be_in_use) means that what the DAG works on may be in use by now.
      - V(unknown_kind) means that this collection does not know what the operator does to this kind of DAG.
      - A name that the operator does not need changes nothing; RV(msg) says so.
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
seealso:
  - module: oceanbase.obshell.obshell_dag_info
"""

EXAMPLES = r"""
- name: Roll a failed initialisation back
  oceanbase.obshell.obshell_dag:
    host: 127.0.0.1
    password: "{{ root_password }}"
    name: Initialize cluster
    operator: ROLLBACK

- name: Roll back a tenant that could not be created, which drops the tenant
  oceanbase.obshell.obshell_dag:
    id: "{{ dag_id }}"
    operator: ROLLBACK
    accept: [tenant_drop]

- name: Remove a follower whose host is lost, by skipping the node that asks the follower
  oceanbase.obshell.obshell_dag:
    id: "{{ dag_id }}"
    operator: PASS
    node: Remove follower
    accept: [half_done]

- name: Retry one DAG, and wait ten minutes at most
  oceanbase.obshell.obshell_dag:
    id: "{{ dag_id }}"
    operator: RETRY
    wait_timeout: 600

- name: Cancel an initialisation on the database host, without a password or a library
  oceanbase.obshell.obshell_dag:
    socket: /home/admin/oceanbase/run/obshell.sock
    name: Initialize cluster
    operator: CANCEL
"""

RETURN = r"""
applied:
  description:
    - Whether this task applied the operator. V(unknown) if the answer was lost and the DAG then moved, because another
      client may have sent the operator.
  type: raw
  returned: once the DAG was read
  sample: true
operator:
  description: The requested operator.
  type: str
  returned: once the DAG was read
  sample: ROLLBACK
dag:
  description:
    - The DAG as the API returned it last, with only its failed nodes and sub-tasks. Their logs are in RV(failures).
      With O(wait=false) it is the DAG before the request.
  type: dict
  returned: once the DAG was read
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
      sample: ROLLBACK
    stage:
      description: Number of the current node, from 1 to RV(dag.max_stage). A rollback counts down.
      type: int
      sample: 1
    max_stage:
      description: Number of nodes.
      type: int
      sample: 11
    nodes:
      description: Failed nodes, each with its C(id), its C(name) and its failed C(sub_tasks).
      type: list
      elements: dict
      sample: []
failures:
  description: Why the DAG failed; one entry for each failed sub-task, at most 200.
  type: list
  elements: dict
  returned: once the DAG was read
  contains:
    node:
      description: Name of the node.
      type: str
      sample: Create observer workdir
    sub_task:
      description: Name of the sub-task.
      type: str
      sample: Create observer workdir
    agent:
      description: Agent that ran it.
      type: str
      sample: 127.0.0.1:2886
    execute_times:
      description: Number of runs. A retry counts as two, a rollback as one.
      type: int
      sample: 1
    logs:
      description:
        - Log lines of the last attempt, the last of a long log. Secrets are masked, and control characters are escaped.
      type: list
      elements: str
      sample: ["mkdir data_dir: /data/store", "ERROR: dir '/data/store' is not empty"]
operators:
  description:
    - What each of the operators V(ROLLBACK), V(RETRY), V(PASS) and V(CANCEL) would do to the DAG now. With
      O(wait=false) that is from before the request.
    - C(verdict) is V(allowed), V(needs_consent) or V(refused). C(accept) lists the consequences that O(accept) must
      name first. C(reason) says what the operator does, or why it is refused.
    - What could not be read counts as a risk.
  type: dict
  returned: once the DAG was read
  sample:
    RETRY: {verdict: allowed, accept: [], reason: repeats the failed step and continues}
allowed_operators:
  description: The operators whose verdict in RV(operators) is V(allowed) or V(needs_consent).
  type: list
  elements: str
  returned: once the DAG was read
  sample: []
elapsed:
  description: Duration of the task in seconds.
  type: float
  returned: once the DAG was read
  sample: 5.2
fulfilled:
  description: Whether the task did what was requested. V(false) if it failed, also if C(failed_when) hides that.
  type: bool
  returned: always
  sample: true
final:
  description:
    - Whether a policy of several operators ends with this one, and no other should be tried.
    - V(true) if V(RETRY), V(PASS) or V(ROLLBACK) did what was requested, if O(accept) misses a consequence, and
      in check mode if the operator would be sent. Otherwise V(false).
  type: bool
  returned: always
  sample: true
times_applied:
  description:
    - How often the task applied the operator, V(0) or V(1). If it has C(until) and C(register), this counts all its
      attempts; RV(failures), RV(unblocked) and C(changed) then cover all attempts too.
  type: int
  returned: always
  sample: 1
reads:
  description:
    - RV(dag) as each attempt of the task read it, the earliest first, with the RV(failures) and RV(operators) of that
      attempt. M(oceanbase.obshell.obshell_dag_report) shows the earlier attempts with them.
  type: list
  elements: dict
  returned: if the task has C(until) and C(register), and was attempted several times
  sample: []
unblocked:
  description: DAGs that other agents ran for this one and that failed. The module rolled them back first, because they
    block the rollback of this one.
  type: list
  elements: str
  returned: once the DAG was read
  sample: []
unavailable:
  description: Routes that the agent could not answer, as M(oceanbase.obshell.obshell_dag_info) returns them.
  type: list
  elements: dict
  returned: when no DAG has that O(name)
  sample: []
incomplete:
  description: Why the agent's lists may hide a DAG of that name, as M(oceanbase.obshell.obshell_dag_info) returns it.
  type: str
  returned: when no DAG has that O(name), or a newer one than the one found may be hidden
  sample: ""
missing_accept:
  description: The consequences that O(accept) must name before the operator is sent.
  type: list
  elements: str
  returned: when the operator was refused for that reason
  sample: [data_removal]
trace_ids:
  description: The agent's IDs of the requests that could change something, and of those that failed, except reads that
    found nothing. Search for them in the agent's log.
  type: list
  elements: str
  returned: once the DAG was read
  sample: [105e3681098e92f2]
msg:
  description: What happened, in words.
  type: str
  returned: always
  sample: DAG 22130706433028864 (Initialize cluster) is SUCCEED/ROLLBACK at stage 1 of 11
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

from ansible_collections.oceanbase.obshell.plugins.module_utils._module.dag import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
