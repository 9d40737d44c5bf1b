#!/usr/bin/python
# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: obshell_dag_report
short_description: Write a report of tasks (DAGs) as one HTML page
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Writes one HTML page that shows what happened to one or several DAGs. At the top it shows the state, what failed and
    where, and what each operator would do now. Below it shows a timeline of all nodes and sub-tasks on their agents,
    the logs of what failed, what the tasks of a role did and why, and the agent's trace IDs.
  - The page is one file. It contains no script and loads nothing, and its content security policy forbids both. It can
    be printed, and has a light and a dark design.
  - The controller renders and writes the page. The module sends nothing to an agent or to a host.
  - The modules of this collection mask secrets in their results. This module masks them once more before it writes,
    including the passwords in the environment of the controller.
attributes:
  action:
    description: Has an action plugin of the same name, which runs on the controller.
    support: full
  async:
    description: Supports the C(async) keyword.
    support: none
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details: If a page is larger than Ansible's C(MAX_FILE_SIZE_FOR_DIFF), the diff says only that.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no
      change.
    support: full
    details: The page does not contain the time when it was written, so the same DAGs make the same page.
  platform:
    description: Platforms that the module runs on.
    support: full
    platforms: posix
options:
  dags:
    description:
      - The DAGs, as M(oceanbase.obshell.obshell_dag_info) or M(oceanbase.obshell.obshell_dag_wait) returns them.
      - Give at least one of O(dags) and O(results).
      - Read them with O(oceanbase.obshell.obshell_dag_info#module:details=all) to show all nodes. Otherwise the report
        shows only the nodes that failed.
      - A DAG may be in the list several times, the earliest read first. The agent keeps only the last run of each
        sub-task, so earlier reads show earlier attempts.
    type: list
    elements: dict
  results:
    description:
      - Registered results of M(oceanbase.obshell.obshell_dag), M(oceanbase.obshell.obshell_dag_info),
        M(oceanbase.obshell.obshell_dag_wait) and M(oceanbase.obshell.obshell_cluster), in the order of the tasks. The
        report shows their DAGs, and what each task did.
      - Results of tasks with a loop, of skipped tasks, and empty dictionaries are allowed.
    type: list
    elements: dict
  dest:
    description:
      - Path of the page on the controller. A relative path begins at the directory of the playbook.
      - The directory must exist. Only the owner can read a new file, since logs may be confidential; an existing file
        keeps its mode, and its owner and group if the system allows that.
    type: path
    required: true
  title:
    description: Heading of the page.
    type: str
    default: OceanBase DAGs
seealso:
  - module: oceanbase.obshell.obshell_dag_info
  - plugin: oceanbase.obshell.dag_tree
    plugin_type: filter
  - plugin: oceanbase.obshell.dag_timeline
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the unfinished DAGs with all their nodes
  oceanbase.obshell.obshell_dag_info:
    password: "{{ root_password }}"
    details: all
  register: found

- name: Write the report
  oceanbase.obshell.obshell_dag_report:
    dags: "{{ found.dags }}"
    dest: dags.html
    title: Unfinished DAGs of obdemo

- name: Retry the first of them
  oceanbase.obshell.obshell_dag:
    password: "{{ root_password }}"
    id: "{{ found.dags[0].id }}"
    operator: RETRY
  register: retried
  failed_when: false

- name: Write a report of what was done
  oceanbase.obshell.obshell_dag_report:
    results: "{{ [found, retried] }}"
    dest: retry.html
"""

RETURN = r"""
dest:
  description: Path of the page on the controller.
  type: str
  returned: success
  sample: /home/admin/playbooks/dags.html
"""
