# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of DAG, one small file each: nodes, the operators that each node allows, and what its sub-tasks do.

definition.py says how a kind is described. The log lines and errors are the recorded ones.
"""
