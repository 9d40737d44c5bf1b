# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarise a recovery from the results of its tasks."""

from __future__ import annotations

import typing as t

from ..module_utils._dag.recovery import Result, summarise
from ..module_utils._dag.tree import last_tree
from ..module_utils._module.printable import one_line

DOCUMENTATION = r"""
name: recovery_summary
short_description: Summarise a recovery from the results of its tasks
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Adds up what the tasks of a recovery found and changed. The roles P(oceanbase.obshell.recover_dag#role) and
    P(oceanbase.obshell.recover_init#role) use it.
options:
  _input:
    description:
      - Registered results of M(oceanbase.obshell.obshell_dag_info) and M(oceanbase.obshell.obshell_dag), in the order
        of the tasks. The last one is of M(oceanbase.obshell.obshell_dag_info), which read the final state.
      - Results of skipped tasks, and empty dictionaries, add nothing.
    type: list
    elements: dict
    required: true
seealso:
  - module: oceanbase.obshell.obshell_dag
"""

EXAMPLES = r"""
- name: Record the result
  ansible.builtin.set_fact:
    summary: "{{ [found, retry, final] | oceanbase.obshell.recovery_summary }}"
"""

RETURN = r"""
_value:
  description: The summary.
  type: dict
  contains:
    outcome:
      description: V(none) without a DAG, or V(failed) if the lists may hide one or if no DAG has the ID;
        V(initialized), V(succeeded), V(rolled_back), V(passed) or V(failed); in check mode
        V(unfinished) instead of V(failed).
      type: str
      sample: rolled_back
    dag_id:
      description: ID of the DAG that was read last, or empty.
      type: str
      sample: "22130706433028864"
    changed:
      description: Whether a task changed something; in check mode, whether it would.
      type: bool
      sample: true
    retries:
      description: Number of retries.
      type: int
      sample: 2
    failures:
      description: Why the DAGs failed, as M(oceanbase.obshell.obshell_dag) returns it.
      type: list
      elements: dict
      sample: []
    reasons:
      description: One line for each of these failures.
      type: list
      elements: str
      sample: ["Start observer on 192.0.2.1:2886: ERROR: out of memory"]
    tree:
      description: The DAG that was read last, as P(oceanbase.obshell.dag_tree#filter) draws it; no line without a DAG.
      type: list
      elements: str
      sample: ["DAG 22130706433028864 (Initialize cluster) is SUCCEED/ROLLBACK at stage 1 of 11, 9.0 s"]
    unblocked:
      description: DAGs of other agents that blocked a rollback and were rolled back first.
      type: list
      elements: str
      sample: []
    msg:
      description: Why the recovery failed, or empty.
      type: str
      sample: ""
"""


def recovery_summary(results: list[Result]) -> Result:
    """Summarise a recovery, and draw the DAG as it is now."""
    return {**summarise(results), "tree": [one_line(line) for line in last_tree(results)]}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"recovery_summary": recovery_summary}
