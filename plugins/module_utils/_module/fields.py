# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of results that are kept as they are, also if they contain a password.

They identify something, or hold a value from an enumeration of the agent or of this collection. A DAG's name counts as
one, also if a user chose a part of it.
"""

from __future__ import annotations

IDS = ("id", "dag_id", "running_ids", "failed_ids")
NAMES = ("name", "node", "sub_task", "version", "versions", "zone", "cluster_name", "route")
ADDRESSES = ("agent", "address", "addresses", "unreachable", "host", "ip")
VALUES = ("state", "operator", "applied", "type", "identity", "identities", "outcome", "policies", "maintenance_type")
OPERATORS = ("allowed_operators", "verdict", "accept", "missing_accept", "cause")
TIMES = ("start_time", "end_time")
# Made of the above.
TEXTS = ("steps", "unblocked")
KEPT = frozenset((*IDS, *NAMES, *ADDRESSES, *VALUES, *OPERATORS, *TIMES, *TEXTS))

OF_DAGS = ("dag", "dags", "reads", "nodes", "sub_tasks", "execute_agent", "failures", "progress")
OF_OPERATORS = ("operators", "heal", "ROLLBACK", "RETRY", "PASS", "CANCEL")
OF_CLUSTERS = ("agent", "agents", "members", "cluster", "clusters", "recovery")
OF_TASKS = ("diff", "before", "after", "unavailable")
OF_INVENTORIES = ("failed_dags",)
# Dictionaries whose fields are known again, or lists of such.
STRUCTURES = frozenset((*OF_DAGS, *OF_OPERATORS, *OF_CLUSTERS, *OF_TASKS, *OF_INVENTORIES))

CHECKPOINT = "resume"
# What a checkpoint holds of an agent's own text.
MASKED_IN_CHECKPOINT = frozenset(("dag", "trace_ids"))
