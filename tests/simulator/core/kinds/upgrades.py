# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Upgrade check obshell V-R" and "Upgrade obshell V-R".

The nodes after "Check all required packages" were never recorded at work. They succeed and log nothing.
"""

from __future__ import annotations

from .definition import (
    ALL_OPERATORS,
    NO_MAINTENANCE,
    RETRY_CANCEL,
    RETRY_CANCEL_PASS,
    DagKind,
    Maintenance,
    NodeKind,
    fails_with,
    on_all_agents,
    writes,
)

DEFAULT_DIRECTORY = "Since the upgrade directory is not specified, the default upgrade directory is used"
_DIRECTORY = ("Upgrade dir is {directory}", "Mkdir {directory} ")
_DOWNLOAD = (
    "The required upgrade package is [obshell]",
    "The 1th version in the upgrade route is: {target}",
    "The directory for this upgrade check task is {directory}/rpm-{number}",
    "Confirm that all the required packages have been uploaded.",
)
_CHECK = "Check the package for version {target}"
_NOT_SET = "Agent {agent} data {target} not set"


def _create_directory(*first_lines: str) -> NodeKind:
    lines = (*first_lines, *_DIRECTORY)
    return NodeKind(
        "Create upgrade dir",
        ALL_OPERATORS,
        writes(*lines, "The temporary directory for this task is {directory}/rpm-{number} "),
        writes("Rolling back...", "Remove {directory}"),
        fails_with(*lines, error="ERROR: [Common.Unexpected]: Unexpected error: mkdir {directory}: not a directory"),
        on_all_agents,
    )


_FETCH = (
    NodeKind(
        "Download all required packages",
        ALL_OPERATORS,
        writes(*_DOWNLOAD),
        writes("Rolling back...", "Delete all previously downloaded packages.", "Successfully deleted."),
        fails_with(*_DOWNLOAD, error="ERROR: [Common.Unexpected]: Unexpected error: record not found"),
        on_all_agents,
    ),
    NodeKind(
        "Check all required packages",
        ALL_OPERATORS,
        writes(_CHECK),
        failure=fails_with(
            _CHECK,
            f"ERROR: [Common.Unexpected]: Unexpected error: get local data failed, key: {{target}}, err: {_NOT_SET}",
            error=f"ERROR: [Task.AgentData.NotSet]: {_NOT_SET}",
        ),
        agents=on_all_agents,
    ),
    NodeKind("Unpack all required packages", ALL_OPERATORS, agents=on_all_agents),
)
_INSTALL = (
    NodeKind("Backup for upgrade", ALL_OPERATORS, agents=on_all_agents),
    NodeKind("Install new obshell", ALL_OPERATORS, agents=on_all_agents),
    NodeKind("Restart obshell", RETRY_CANCEL, agents=on_all_agents),
    NodeKind("Upgrade post table maintain", RETRY_CANCEL),
)
_REMOVE = NodeKind("Remove upgrade check task dir", RETRY_CANCEL_PASS, agents=on_all_agents)


def upgrade_check(release: str, *, given_directory: bool) -> DagKind:
    """The kind that prepares the upgrade to a release such as 4.9.0.0-1.el7."""
    nodes = (_first(given_directory=given_directory), *_FETCH, _REMOVE)
    return DagKind(f"Upgrade check obshell {release}", nodes, "cluster", Maintenance(NO_MAINTENANCE))


def upgrade(release: str, *, given_directory: bool) -> DagKind:
    nodes = (_first(given_directory=given_directory), *_FETCH, *_INSTALL, _REMOVE)
    return DagKind(f"Upgrade obshell {release}", nodes, "cluster")


def _first(*, given_directory: bool) -> NodeKind:
    return _create_directory() if given_directory else _create_directory(DEFAULT_DIRECTORY)
