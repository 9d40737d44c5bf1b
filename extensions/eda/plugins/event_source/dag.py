# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source of ansible-rulebook: watch the DAGs of obshell agents."""

from __future__ import annotations

import asyncio
import pathlib
import sys
from typing import Any

DOCUMENTATION = r"""
---
module: dag
short_description: Watch the DAGs of obshell agents
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - An event source of ansible-rulebook. It reads the DAGs of one or many obshell agents again and again, and sends an
    event when a DAG has failed, is stuck, is being recovered, has recovered or cannot be read, and when an agent stops
    answering or answers again.
  - It sends each event once for each attempt at a DAG. The agent changes the operator, the state and the start time
    of a DAG with each attempt, so the source recognises an attempt also after a restart if O(state_file) is given.
  - With O(heal) it also decides which failed DAG is recovered automatically. It then sends an event C(heal), within
    limits, or an event C(escalate) when people must decide. The source itself only reads from the agents.
  - Give at least one of O(agents), O(connections) and O(inventory).
  - The page U(https://github.com/oceanbase/ansible-collection-obshell/blob/main/docs/self_healing.md) describes the
    fields of all events.
options:
  agents:
    description:
      - The agents, as C(host) or C(host:port). The other options apply to all of them.
    type: list
    elements: str
    default: []
  connections:
    description:
      - Agents that need options of their own, such as O(password). Each item has C(host), and optionally C(port),
        C(password), C(agent_password), C(use_tls), C(validate_certs), C(ca_path), C(client_cert) and C(client_key).
    type: list
    elements: dict
    default: []
  inventory:
    description:
      - An inventory whose hosts have agents. It is read once, at the start, with C(ansible-inventory).
      - The address of an agent is the variable C(obshell_host) of its host, or C(ansible_host), or the name of the
        host. The port is C(obshell_port). Values that contain a template are refused.
    type: path
  hosts:
    description:
      - Pattern of the hosts of O(inventory) to watch.
    type: str
    default: all
  interval:
    description:
      - Seconds between two reads of an agent, up to a tenth more or less, at random.
      - An agent that does not answer is asked less and less often, but at least every 5 minutes.
    type: float
    default: 30
  workers:
    description:
      - How many agents are read at the same time, from 1 to 200, in one thread each.
    type: int
    default: 32
  stuck_after:
    description:
      - Seconds after which a DAG is stuck if no node or sub-task of it has begun or ended, by the agent's clock.
    type: float
    default: 3600
  state_file:
    description:
      - File in which the source remembers what it has sent. Without it, a restarted source sends the events of
        present failures again.
      - The file holds no passwords. No two sources can use the same file at the same time.
    type: path
  heal:
    description:
      - The rule by which failed DAGs are recovered automatically. Without it no event C(heal) or C(escalate) is
        sent.
      - Needs O(state_file).
    type: dict
    suboptions:
      kinds:
        description:
          - The kinds of DAG that may be recovered, by the names on the page "What each operator does", such as
            V(Initialize cluster) or V(Create tenant *). No other DAG is touched.
        type: list
        elements: str
        required: true
      operators:
        description:
          - The operators that may be sent. The first one that can be sent is requested.
        type: list
        elements: str
        choices: [RETRY, ROLLBACK]
        default: [RETRY]
      accept:
        description:
          - The consequences that the rule accepts, as the option O(oceanbase.obshell.obshell_dag#module:accept) of
            M(oceanbase.obshell.obshell_dag). An operator with another consequence is not requested.
        type: list
        elements: str
        default: []
      attempts_per_hour:
        description:
          - How many operators are requested for one cluster within an hour, and for one DAG in all. If a further one is
            needed, the DAG is handed over to people.
          - Clusters with the same name and ID count as one.
        type: int
        default: 3
      pause:
        description:
          - Seconds between two requests for one DAG. If a request changed nothing, the pause is at least 10 minutes.
        type: float
        default: 300
      quiet_hours:
        description:
          - Times of day in which nothing is requested, such as V(22:00-06:00), in the time zone of this host.
        type: list
        elements: str
        default: []
  port:
    description:
      - Port of the agents that are given without one. Falls back to E(OBSHELL_PORT), then to V(2886).
    type: int
  password:
    description:
      - Password of C(root@sys). Falls back to E(OBSHELL_PASSWORD).
    type: str
  agent_password:
    description:
      - Password of the agents. Falls back to E(OBSHELL_AGENT_PASSWORD).
    type: str
  use_tls:
    description:
      - Whether to use https. Falls back to E(OBSHELL_USE_TLS), then to V(false).
    type: bool
  use_proxy:
    description:
      - Whether to use the proxy that the environment sets. Falls back to E(OBSHELL_USE_PROXY), then to V(true).
    type: bool
  validate_certs:
    description:
      - Whether to check the certificates of the agents. Falls back to E(OBSHELL_VALIDATE_CERTS), then to V(true).
    type: bool
  ca_path:
    description:
      - File or directory of the trusted certificate authorities. Falls back to E(OBSHELL_CA_PATH).
    type: path
  client_cert:
    description:
      - File of the client certificate. Falls back to E(OBSHELL_CLIENT_CERT).
    type: path
  client_key:
    description:
      - File of the key of O(client_cert). Falls back to E(OBSHELL_CLIENT_KEY).
    type: path
  timeout:
    description:
      - Seconds that all requests of one read of an agent may take together. Falls back to E(OBSHELL_TIMEOUT), then to
        V(30).
    type: float
requirements:
  - ansible-core, in the Python of ansible-rulebook
  - cryptography >= 3.4.1, in the Python of ansible-rulebook
  - requests >= 2.25, for https and proxies
"""

EXAMPLES = r"""
- oceanbase.obshell.dag:
    agents:
      - 10.0.0.1
      - 10.0.1.1:2886
    password: "{{ root_password }}"
    interval: 60
    state_file: /var/lib/eda/obshell.json

- oceanbase.obshell.dag:
    inventory: clusters.obshell.yml
    state_file: /var/lib/eda/obshell.json
    heal:
      kinds: [Initialize cluster]
      operators: [RETRY]
      attempts_per_hour: 3
      quiet_hours: ["22:00-06:00"]
"""


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Watch agents, and put the events into the queue of ansible-rulebook."""
    _make_importable()
    from ansible_collections.oceanbase.obshell.plugins.module_utils._module.event_source import watch

    await watch(queue.put, args)


def _make_importable() -> None:
    """Let Python find the collection that this file belongs to: ansible-rulebook runs the file by its path.

    The package `ansible` of PyPI has a folder `ansible_collections` of its own, which may be found first.
    """
    root = pathlib.Path(__file__).absolute().parents[7]
    if str(root) not in sys.path:
        sys.path.append(str(root))
    import ansible_collections

    folder = str(root / "ansible_collections")
    if folder not in ansible_collections.__path__:
        ansible_collections.__path__.append(folder)
