# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of the agent that the collection uses, or that an operator uses beside it.

table.py lists them. agent.py: who the agent is. cluster.py: join, configure, initialise, remove. dag.py: read and
operate DAGs. dag_lists.py: find DAGs.
"""
