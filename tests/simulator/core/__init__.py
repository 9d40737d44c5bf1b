# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of an agent: what it stores and does. Nothing here knows HTTP.

network.py     the agents that can reach each other, and the clock tick that advances them
agent.py       one agent: identity, passwords, cluster, DAGs
spec.py        the settings of an agent; cluster.py: the state of its cluster and of its observer
version.py     which version of the agent has which feature
dag.py         DAGs, nodes, sub-tasks and log lines, and how the API returns them
engine.py      the scheduler that advances DAGs; next_operator.py: what a sub-task executes next
cluster_dags.py  the DAGs that a cluster keeps in OceanBase; cluster_lock.py: their lock
operators.py   ROLLBACK, RETRY, CANCEL, PASS: when the agent accepts them, and what they change at once
execution.py   one execution of a sub-task, here or, by remote.py, on a follower
work.py        what one execution logs, how long it takes, and what it changes
kinds/         the kinds of DAG, one small file each
obstacles.py   what a test makes fail or take long
errors.py      refused requests and error lines; error_tables.py: their texts
"""
