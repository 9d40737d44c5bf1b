#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a DAG of an obshell agent to the end that an operator stands for."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_dag
short_description: Roll back, retry, pass or cancel a task (DAG) of an obshell agent
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - The agent runs each longer job, such as an initialisation, as a DAG, nodes that follow one another. One that failed
    stays where it is, and as a rule locks its agents until it is rolled back, retried with success, or passed.
  - Brings one DAG to the end that an operator stands for, and waits until it is there.
  - The operator is a wish. The DAG's own state tells whether it is already fulfilled, under way, possible or to be
    refused. So the same task may be run any number of times, and it sends at most one request that the agent can
    accept.
  - A wish is fulfilled only by its own end. A DAG that fails again fails the task, with the node, the agent and the
    lines of log that say why.
  - Where the agent would accept what ruins a cluster, such as cancelling a rollback, or rolling back an initialisation
    that a newer one has replaced, this module refuses.
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.connection
  - oceanbase.obshell.strangers
  - oceanbase.obshell.wait
attributes:
  check_mode:
    support: full
    details: Reads and decides as without; posts nothing and does not wait.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  id:
    description:
      - Generic ID of the DAG, as the agent gives it. Exactly one of O(id) and O(name) is needed.
      - The agent forwards a request to the address that an ID encodes, with the password of C(root@sys). An ID that
        names an agent outside the cluster is refused; see O(members) and O(allow_foreign_agent).
    type: str
  name:
    description:
      - Name of the DAG, such as V(Initialize cluster); stands for the newest unfinished one of that name, else for the
        last maintenance DAG if that is its name. A failed maintenance DAG is unfinished, since it locks its agents.
      - Where several of that name are unfinished, V(RETRY) and V(PASS) are refused; where several agents have one, all.
    type: str
  operator:
    description:
      - V(ROLLBACK) undoes a failed DAG and unlocks its agents.
      - V(RETRY) runs a failed DAG again from the node that failed. One that is running already is waited for.
      - V(PASS) takes what failed for done, where the DAG allows that.
      - V(CANCEL) stops a running DAG, which ends as failed. One that has ended is left alone.
    type: str
    required: true
    choices: [ROLLBACK, RETRY, PASS, CANCEL]
  settle:
    description:
      - Where a running or a cancelled DAG does not take the operator yet, wait for its end and decide again, instead of
        refusing. That is waited for with O(wait=false) too.
    type: bool
    default: false
  accept_data_removal:
    description:
      - Allow V(RETRY) and V(ROLLBACK) of a DAG whose node C(Create observer workdir) failed. The agent then deletes the
        data and redo directories of the observer with all that is in them, and what their links point to, its logs and
        configuration. The node usually fails because somebody's files are there.
    type: bool
    default: false
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

- name: Retry one task, and wait for no more than ten minutes
  oceanbase.obshell.obshell_dag:
    id: "{{ dag_id }}"
    operator: RETRY
    wait_timeout: 600

- name: On the database host itself neither a password nor a library is needed
  oceanbase.obshell.obshell_dag:
    socket: /home/admin/oceanbase/run/obshell.sock
    name: Initialize cluster
    operator: CANCEL
"""

RETURN = r"""
applied:
  description:
    - Whether the operator was applied by this task. V(unknown) where the answer was lost and the DAG then moved, by
      this task or by somebody else.
  type: raw
  returned: once the DAG was read
  sample: true
operator:
  description: The operator that was asked for.
  type: str
  returned: once the DAG was read
  sample: ROLLBACK
dag:
  description:
    - The DAG as the API returned it last, with only those of its nodes and sub-tasks that failed, and without their
      logs, which are in RV(failures). With O(wait=false) it is the DAG before the request.
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
      description: Operator of the present or last attempt; V(RUN) also after a retry.
      type: str
      sample: ROLLBACK
    stage:
      description: Number of the present node, from 1 to RV(dag.max_stage). A rollback counts down.
      type: int
      sample: 1
    max_stage:
      description: Number of nodes.
      type: int
      sample: 11
    nodes:
      description: Failed nodes, each with its failed C(sub_tasks).
      type: list
      elements: dict
      sample: []
failures:
  description: Why the DAG failed, a sub-task each, of many the first 200.
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
      description: How often it has run; a retry counts two, a rollback one.
      type: int
      sample: 1
    logs:
      description:
        - Lines of log of the last attempt, of a long one the last. What follows a password-like name is masked.
      type: list
      elements: str
      sample: ["mkdir data_dir: /data/store", "ERROR: dir '/data/store' is not empty"]
allowed_operators:
  description: The operators that the DAG takes now, as far as its state tells, but for one that the agent has just
    refused. It may still refuse others, as not every node can be passed. With O(wait=false) they are those from before
    the request.
  type: list
  elements: str
  returned: once the DAG was read
  sample: []
elapsed:
  description: Seconds that the task took.
  type: float
  returned: once the DAG was read
  sample: 5.2
unblocked:
  description: The DAGs that other agents had begun for this one and left failed, which were rolled back first; they
    would have blocked its rollback.
  type: list
  elements: str
  returned: once the DAG was read
  sample: []
unavailable:
  description: Routes that the agent could not answer, as M(oceanbase.obshell.obshell_dag_info) returns them.
  type: list
  elements: dict
  returned: when there is no DAG of that O(name)
  sample: []
data_at_risk:
  description: The agents on which the agent would delete directories, see O(accept_data_removal).
  type: list
  elements: str
  returned: when it was refused for that
  sample: ["192.0.2.1:2886"]
trace_ids:
  description: The agent's IDs of the requests that could change something, and of those that failed, but for reads that
    found nothing; they are in its log.
  type: list
  elements: str
  returned: once the DAG was read
  sample: [105e3681098e92f2]
msg:
  description: What happened, for a person.
  type: str
  returned: always
  sample: DAG 22130706433028864 (Initialize cluster) is SUCCEED/ROLLBACK at stage 1 of 11
error:
  description: The agent's own error, with C(code) or C(errCode) and C(message).
  type: dict
  returned: when the agent answered with an error
  sample: {"errCode": "Task.NotFound", "message": "Task not found: record not found"}
status:
  description: The HTTP status of the agent's answer, or V(-1) where there was none.
  type: int
  returned: when the agent answered with an error, or not at all
  sample: 401
trace_id:
  description: The agent's ID of that request, to be found in its log.
  type: str
  returned: when the agent answered with an error
  sample: 105e3681098e92f2
"""

from ..module_utils._module.dag import TASK
from ..module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
