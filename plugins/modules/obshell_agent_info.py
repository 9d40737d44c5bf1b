#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read identity, version and health of an obshell agent."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_agent_info
short_description: Read identity, version and health of an obshell agent
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Reads the routes of an agent that need no password.
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.attributes.info_module
  - oceanbase.obshell.connection
seealso:
  - module: oceanbase.obshell.obshell_dag_info
"""

EXAMPLES = r"""
- name: Read the state of the agent
  oceanbase.obshell.obshell_agent_info:
    host: 127.0.0.1
  register: info

- name: Fail if a DAG locks the agent
  ansible.builtin.assert:
    that: not info.agent.under_maintenance
"""

RETURN = r"""
agent:
  description: The agent.
  type: dict
  returned: success
  contains:
    address:
      description: Host and port of the agent, as the agent reports them.
      type: str
      sample: 127.0.0.1:2886
    type:
      description: What the agent manages, V(oceanbase) or V(seekdb).
      type: str
      sample: oceanbase
    identity:
      description: Identity of the agent, such as V(SINGLE), V(MASTER), V(FOLLOWER) or V(CLUSTER AGENT). An agent of
        seekdb is always V(CLUSTER AGENT).
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
      description: Zone of the agent, after it has joined; null for an agent of seekdb.
      type: str
      sample: zone1
    home_path:
      description: Directory of the agent and its observer.
      type: str
      sample: /home/admin/oceanbase
    architecture:
      description: Processor architecture, if the agent reports it.
      type: str
      sample: x86_64
    pid:
      description: Process ID of the agent.
      type: int
      sample: 10075
    state:
      description: State of the agent, V(STARTING), V(RUNNING), V(STOPPING), V(STOPPED) or V(UNKNOWN).
      type: str
      sample: RUNNING
    under_maintenance:
      description: Whether a maintenance DAG locks the agent. A failed DAG can lock it too.
      type: bool
      sample: false
    supported_auth:
      description: Versions of authentication that the agent accepts, if the agent reports them.
      type: list
      elements: str
      sample: [v2]
    agent_password_set:
      description: Whether the agent has its own password.
      type: bool
      sample: false
    obproxy_agent:
      description: Whether the agent manages an OBProxy.
      type: bool
      sample: false
    observer_state:
      description: State of the observer or of seekdb, 0 (not running), 1 (running), 2 (restricted) or 3 (available).
      type: int
      sample: 2
    sql_port:
      description: SQL port of the observer, if the observer runs, or of seekdb.
      type: int
      sample: 2881
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
  sample: {"errCode": "Common.NotFound", "message": "Element not found: 404 not found"}
status:
  description:
    - The HTTP status of the agent's answer, or V(-1) if the agent did not answer. If a failure has no status, such as a
      wrong option, do not retry it.
  type: int
  returned: when the agent answered with an error, or did not answer
  sample: 404
trace_id:
  description: The agent's ID of that request. Search for it in the agent's log.
  type: str
  returned: when the agent answered with an error
  sample: 105e3681098e92f2
"""

from ansible_collections.oceanbase.obshell.plugins.module_utils._module.agent_info import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
