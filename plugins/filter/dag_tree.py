# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a DAG as a tree of text."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._dag.tree import tree
from ..module_utils._module.printable import one_line

DOCUMENTATION = r"""
name: dag_tree
short_description: Draw a DAG as a tree of text
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Draws a DAG, its nodes and their sub-tasks with their states and durations, for logs and chats. A sub-task that
    failed has the last line of its log.
  - A node with one sub-task is one line. Of many sub-tasks, 20 are drawn, first those that did not succeed.
options:
  _input:
    description:
      - One DAG, an item of RV(oceanbase.obshell.obshell_dag_info#module:dags) or
        RV(oceanbase.obshell.obshell_dag#module:dag).
      - To show every node, read it with O(oceanbase.obshell.obshell_dag_info#module:details=all). Otherwise only the
        nodes that failed are shown.
      - RV(oceanbase.obshell.obshell_dag#module:dag) has no logs. Combine it with
        RV(oceanbase.obshell.obshell_dag#module:failures), as the last example does. Otherwise the tree says C(no log).
    type: dict
    required: true
seealso:
  - plugin: oceanbase.obshell.dag_timeline
    plugin_type: filter
  - module: oceanbase.obshell.obshell_dag_info
  - module: oceanbase.obshell.obshell_dag_report
"""

EXAMPLES = r"""
- name: Read a DAG with all its nodes
  oceanbase.obshell.obshell_dag_info:
    id: "{{ dag_id }}"
    details: all
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ (found.dags | first | oceanbase.obshell.dag_tree).splitlines() }}"

- name: Retry it
  oceanbase.obshell.obshell_dag:
    id: "{{ dag_id }}"
    operator: RETRY
  register: retried
  failed_when: false

- name: Show what failed again
  ansible.builtin.debug:
    msg: "{{ (dag | oceanbase.obshell.dag_tree).splitlines() }}"
  vars:
    dag: "{{ retried.dag | combine({'failures': retried.failures}) }}"
"""

RETURN = r"""
_value:
  description: The tree, several lines.
  type: str
  sample: |-
    DAG 22130706433028864 (Initialize cluster) is FAILED/RUN at stage 2 of 11, 3.0 s
    |-- 1 Integrate config on 192.0.2.1:2886: SUCCEED, 1.0 s
    |-- 2 Create observer workdir on 192.0.2.1:2886: FAILED, 1.0 s: ERROR: dir '/data/store' is not empty
    `-- 9 nodes have not run
"""


def dag_tree(dag: t.Any) -> str:
    """Draw a DAG as a tree of text."""
    try:
        return "\n".join(one_line(line) for line in tree(dag))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"dag_tree needs a DAG as obshell_dag_info returns it: {error}") from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"dag_tree": dag_tree}
