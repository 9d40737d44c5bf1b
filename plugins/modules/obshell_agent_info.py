#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what an obshell agent is and how it is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_agent_info
short_description: Read identity, version and health of an obshell agent
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Reads what an agent tells whoever asks. No password is needed.
extends_documentation_fragment:
  - oceanbase.obshell.attributes
  - oceanbase.obshell.attributes.info_module
  - oceanbase.obshell.connection
seealso:
  - module: oceanbase.obshell.obshell_dag_info
"""

EXAMPLES = r"""
- name: Read what the agent is
  oceanbase.obshell.obshell_agent_info:
    host: 127.0.0.1
  register: info

- name: Go on only where nothing locks the agent
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
      description: Host and port that the agent knows itself by.
      type: str
      sample: 127.0.0.1:2886
    identity:
      description: V(SINGLE), V(MASTER), V(FOLLOWER) or V(CLUSTER AGENT), among others.
      type: str
      sample: CLUSTER AGENT
    version:
      description: Version of the agent.
      type: str
      sample: 4.5.0.0-1
    ob_version:
      description: Version of the observer, if one is installed.
      type: str
      sample: 4.3.5.2
    zone:
      description: Zone, once it has joined.
      type: str
      sample: zone1
    home_path:
      description: Directory of the agent and its observer.
      type: str
      sample: /home/admin/oceanbase
    architecture:
      description: Architecture of its processor, where the agent tells it.
      type: str
      sample: x86_64
    pid:
      description: Its process ID.
      type: int
      sample: 10075
    state:
      description: V(STARTING), V(RUNNING), V(STOPPING), V(STOPPED) or V(UNKNOWN).
      type: str
      sample: RUNNING
    under_maintenance:
      description: Whether a maintenance DAG, a failed one for instance, locks it.
      type: bool
      sample: false
    supported_auth:
      description: Versions of authentication that it takes, where it tells them.
      type: list
      elements: str
      sample: [v2]
    agent_password_set:
      description: Whether it has a password of its own.
      type: bool
      sample: false
    obproxy_agent:
      description: Whether it manages an OBProxy.
      type: bool
      sample: false
    observer_state:
      description: The agent's number for the state of its observer.
      type: int
      sample: 2
    sql_port:
      description: Port of the observer for SQL, once it runs.
      type: int
      sample: 2881
msg:
  description: What went wrong, for a person.
  type: str
  returned: failure
  sample: "GET http://127.0.0.1:2886/api/v1/secret failed: ConnectionRefusedError: [Errno 111] Connection refused"
error:
  description: The agent's own error, with C(code) or C(errCode) and C(message).
  type: dict
  returned: when the agent answered with an error
  sample: {"errCode": "Common.NotFound", "message": "Element not found: 404 not found"}
status:
  description:
    - The HTTP status of the agent's answer, or V(-1) where there was none. What fails without a status fails again
      however long it is waited for, such as a wrong option.
  type: int
  returned: when the agent answered with an error, or not at all
  sample: 404
trace_id:
  description: The agent's ID of that request, to be found in its log.
  type: str
  returned: when the agent answered with an error
  sample: 105e3681098e92f2
"""

from ..module_utils._module.agent_info import TASK
from ..module_utils._module.runner import run_module


def main() -> None:
    """Run the module."""
    run_module(TASK)


if __name__ == "__main__":
    main()
