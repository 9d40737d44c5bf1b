# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a DAG as a Gantt chart of Mermaid."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._dag.gantt import gantt
from ..module_utils._module.printable import one_line

DOCUMENTATION = r"""
name: dag_timeline
short_description: Draw a DAG as a Gantt chart of Mermaid
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Writes a Gantt chart in the language of L(Mermaid, https://mermaid.js.org/syntax/gantt.html), which GitHub, GitLab
    and many wikis draw. It has a section for each node, and a bar for each sub-task on its agent.
  - Of many sub-tasks of a node, 20 are drawn, first those that did not succeed. Mermaid shows times in the time zone of
    the reader.
options:
  _input:
    description:
      - One DAG, an item of RV(oceanbase.obshell.obshell_dag_info#module:dags) or
        RV(oceanbase.obshell.obshell_dag#module:dag).
      - To show every node, read it with O(oceanbase.obshell.obshell_dag_info#module:details=all). Otherwise only the
        nodes that failed are shown.
    type: dict
    required: true
seealso:
  - plugin: oceanbase.obshell.dag_tree
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

- name: Write a comment for an issue
  ansible.builtin.copy:
    dest: "{{ playbook_dir }}/comment.md"
    content: |
      ```mermaid
      {{ found.dags | first | oceanbase.obshell.dag_timeline }}
      ```
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The chart, several lines.
  type: str
  sample: |-
    gantt
        title DAG 22130706433028864 (Initialize cluster) is FAILED/RUN at stage 2 of 11
        dateFormat x
        axisFormat %H:%M:%S
        section Integrate config
        192.0.2.1#58;2886 SUCCEED :done, 1764426245000, 1764426246000
"""


def dag_timeline(dag: t.Any) -> str:
    """Draw a DAG as a Gantt chart of Mermaid."""
    try:
        return "\n".join(one_line(line) for line in gantt(dag))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"dag_timeline needs a DAG as obshell_dag_info returns it: {error}") from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"dag_timeline": dag_timeline}
