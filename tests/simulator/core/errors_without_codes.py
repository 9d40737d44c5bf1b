# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of agents before 4.3.2. What is not recorded follows the agent's source."""

from __future__ import annotations

from .error_text import ErrorTable, ErrorText


def _unauthorized(reason: str = "") -> ErrorText:
    return ErrorText(401, f"Verification failed: {reason}" if reason else "Verification failed", code=10008)


def _unexpected(message: str) -> ErrorText:
    return ErrorText(500, f"Unexpected error: {message}", code=1002)


def _known_error(message: str) -> ErrorText:
    return ErrorText(500, f"Known error: {message}", code=1010)


ERRORS_4_2_2: ErrorTable = {
    "header_missing": _unauthorized(),
    "decrypt_failed": _unauthorized(),
    "uri_mismatch": _unauthorized(),
    "header_expired": _unauthorized(),
    "timestamp_invalid": _unauthorized(),
    "wrong_root_password": _unauthorized(),
    "no_header_to_forward": _unauthorized(),
    "body_decrypt_failed": _unauthorized(),
    "unexpected": _unexpected("{}"),
    "too_many_open_files": _known_error("unable to open database file: too many open files"),
    "unknown_identity": ErrorText(400, "Bad request: unknown agent identity: {}", code=1000),
    "no_route": ErrorText(400, "Bad request: 404 not found", code=1000),
    "missing_field": ErrorText(
        400,
        "Illegal argument: Key: '{0}.{1}' Error:Field validation for '{1}' failed on the 'required' tag",
        code=1001,
    ),
    "bad_json": ErrorText(400, "Illegal argument: {}", code=1001),
    "denied_option": ErrorText(400, "Illegal argument: config {} is not allowed to set", code=1001),
    "two_spellings": _unexpected("You cannot set both {0} and {1}, use {0} instead."),
    "invalid_id": ErrorText(400, "Illegal argument: invalid id: {}", code=1001),
    "not_found": ErrorText(404, "Task not found: {}", code=2300),
    "no_oceanbase_dag": ErrorText(404, "Task not found: oceanbase db is nil", code=2300),
    "no_oceanbase": _unexpected("oceanbase db is nil"),
    "only_cluster_agent": ErrorText(400, "Bad request: only cluster agent can get cluster unfinished dags", code=1000),
    "under_maintenance": _unexpected("failed to start maintenance: agent status is not 1"),
    "agent_under_maintenance": ErrorText(400, "Bad request: Master Agent is under maintenance", code=1000),
    "wrong_identity": ErrorText(400, "Bad request: {} is {}, not {}", code=1000),
    "already_initialized": ErrorText(400, "Bad request: cluster has already been initialized", code=1000),
    "unreachable": _unexpected("{0} {1} to {2}: connection refused"),
    "rollback_not_failed": _known_error("failed to set dag rollback: dag state is not failed"),
    "rollback_not_allowed": _known_error("failed to set dag rollback: {} can not rollback"),
    "rollback_nothing": _known_error("failed to set dag rollback: no node failed"),
    "retry_not_failed": _known_error("failed to set dag retry: dag state is not failed"),
    "retry_not_allowed": _known_error("failed to set dag retry: {} can not retry"),
    "cancel_finished": _known_error("failed to cancel dag: dag is finished"),
    "cancel_not_allowed": _known_error("failed to cancel dag: {} can not cancel"),
    "pass_not_failed": _known_error("failed to pass dag: dag is not failed"),
    "pass_not_allowed": _known_error("failed to pass dag: {} can not pass"),
    "unknown_operator": _known_error("invalid operator: {}"),
    "no_row_affected": _known_error("failed to cancel dag: failed to update dag operator: no row affected"),
    "cluster_under_maintenance": _unexpected("failed to start maintenance: cluster status is not 1"),
    "tenant_under_maintenance": _unexpected("failed to start maintenance: tenant {1} is under maintenance"),
    "task_expired": _known_error("task expired: {0} has already executed task {1}"),
    "relative_path": ErrorText(400, "Illegal argument: path '{}' is not valid: should start with '/'", code=1001),
    "lower_version": ErrorText(400, "Bad request: target version {} is not greater than {}", code=1000),
    "no_package": _unexpected("{}: record not found"),
    "no_such_agent": ErrorText(400, "Bad request: agent {} does not exist in the cluster", code=1000),
    "tenant_exists": ErrorText(400, "Bad request: tenant {} already exists", code=1000),
    "no_tenant": ErrorText(400, "Bad request: tenant {} does not exist", code=1000),
    "no_tenant_parameter": ErrorText(400, "Bad request: tenant parameter {} does not exist", code=1000),
}

ERRORS_4_2_6: ErrorTable = {
    "header_missing": _unauthorized("header not found"),
    "decrypt_failed": _unauthorized("header decrypt failed"),
    "body_decrypt_failed": _unauthorized("body decrypt failed"),
    "uri_mismatch": _unauthorized("uri mismatch"),
    "header_expired": _unauthorized("auth expired"),
    "timestamp_invalid": _unauthorized('strconv.ParseInt: parsing "{}": invalid syntax'),
    "wrong_root_password": _unauthorized("access denied: oceanbase password is incorrect"),
    "wrong_agent_password": _unauthorized("access denied: agent password is incorrect"),
    "use_agent_password": _unauthorized("{}, use agent password to verify"),
    "use_root_password": _unauthorized("{}, use oceanbase password to verify"),
    "only_agent_password": _unauthorized("Please use agent password to verify"),
    "no_agent_password": _unauthorized("agent password is not initialized"),
    "no_header_to_forward": _unauthorized("header not found"),
    "under_maintenance": _unexpected("failed to set status to 2: agent status is not 1"),
}

ERRORS_4_3_0: ErrorTable = {
    "under_maintenance": _unexpected("failed to start maintenance: agent is under maintenance"),
}
