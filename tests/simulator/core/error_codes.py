# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The agent's Chinese has full-width punctuation.
# ruff: noqa: RUF001
"""The errors of agents that have error codes: 4.3.2 and later."""

from __future__ import annotations

from .error_text import ErrorTable, ErrorText


def _unauthorized(err_code: str, message: str, chinese: str = "") -> ErrorText:
    name = f"Security.Authentication.{err_code}"
    return ErrorText(401, f"Unauthorized: {message}", name, 10008, chinese and f"认证失败: {chinese}")


def _refused_operator(err_code: str, message: str, chinese: str = "") -> ErrorText:
    return ErrorText(400, message, f"Task.Dag.Operator.{err_code}", chinese=chinese)


def _refused_node(err_code: str, message: str) -> ErrorText:
    return ErrorText(400, message, f"Task.Node.Operator.{err_code}")


def _decrypt_failed(*, code: int = 0) -> ErrorText:
    return ErrorText(401, "Decrypt http header failed: {}", "Security.Authentication.Header.DecryptFailed", code)


ERRORS_4_3_2: ErrorTable = {
    "header_missing": ErrorText(
        400, "X-OCS-Agent-Header or X-OCS-Header not found in http request header", "Request.Header.NotFound"
    ),
    "decrypt_failed": _decrypt_failed(),
    "uri_mismatch": ErrorText(401, "URI mismatch", "Security.Authentication.Header.UriMismatch", 10008),
    "header_expired": _unauthorized("Expired", "Authentication expired"),
    "timestamp_invalid": _unauthorized("Timestamp.Invalid", "Invalid timestamp: {}"),
    "wrong_root_password": _unauthorized(
        "IncorrectOceanbasePassword", "OceanBase password is incorrect", "OceanBase root 密码不正确"
    ),
    "wrong_agent_password": _unauthorized("IncorrectAgentPassword", "Agent password is incorrect"),
    "use_agent_password": _unauthorized("WithAgentPassword", "Should use agent_password to verify: {}"),
    "only_agent_password": _unauthorized(
        "WithAgentPassword", "Should use agent_password to verify: this route only support agent password"
    ),
    "use_root_password": _unauthorized("WithOceanBasePassword", "Should use oceanbase_password to verify: {}"),
    "no_agent_password": _unauthorized("AgentPasswordNotInitialized", "Agent password is not initialized"),
    "no_header_to_forward": ErrorText(
        500, "Header not found when auto-forwarding request to master", "Request.Forward.Header.NotExist"
    ),
    "body_decrypt_failed": ErrorText(500, "Unexpected error: {}", "Common.Unexpected"),
    "unexpected": ErrorText(500, "Unexpected error: {}", "Common.Unexpected"),
    "too_many_open_files": ErrorText(
        500, "Unexpected error: unable to open database file: too many open files", "Common.Unexpected"
    ),
    "unknown_identity": ErrorText(500, "Agent identify is unknown: {}", "Agent.Identify.Unknown"),
    "no_route": ErrorText(404, "Element not found: 404 not found", "Common.NotFound"),
    "missing_field": ErrorText(
        400,
        "Bind JSON failed: Key: '{0}.{1}' Error:Field validation for '{1}' failed on the 'required' tag",
        "Common.BindJsonFailed",
    ),
    "bad_json": ErrorText(400, "Bind JSON failed: {}", "Common.BindJsonFailed"),
    "denied_option": ErrorText(
        400,
        "The input parameter 'observerConfig' is illegal: config {} is not allowed to set",
        "Common.IllegalArgument",
    ),
    "two_spellings": ErrorText(
        400,
        "The input parameter 'observerConfig' is illegal: You cannot set both {0} and {1}, use {0} instead.",
        "Common.IllegalArgument",
    ),
    "invalid_id": ErrorText(400, "Invalid ID: {}{}", "Task.GenericID.Invalid"),
    "not_found": ErrorText(404, "Task not found: {}", "Task.NotFound"),
    "no_oceanbase_dag": ErrorText(500, "Task not found: Agent is not holding OceanBase", "Agent.OceanBase.NotHold"),
    "no_oceanbase": ErrorText(500, "Agent is not holding OceanBase", "Agent.OceanBase.NotHold"),
    "only_cluster_agent": ErrorText(500, "Unexpected error: ocsagent cannot build response body", "Common.Unexpected"),
    "under_maintenance": ErrorText(500, "Create task '{}' failed: {} is under maintenance", "Agent.UnderMaintenance"),
    "agent_under_maintenance": ErrorText(500, "{} is under maintenance", "Agent.UnderMaintenance"),
    "wrong_identity": ErrorText(
        400,
        "'{}' is '{}', instead of '{}', does not support this operation",
        "Agent.Identify.NotSupportOperation",
    ),
    "already_initialized": ErrorText(400, "Cluster has already been initialized", "OB.Cluster.AlreadyInitialized"),
    "unreachable": ErrorText(500, "Request [{}]{} to {} failed: connection refused", "Agent.RPC.RequestFailed"),
    "rollback_not_failed": _refused_operator(
        "RollbackNotFailedDag", "Failed to set DAG rollback: DAG state is not failed"
    ),
    "rollback_not_allowed": _refused_operator(
        "RollbackNotAllowed",
        "Failed to set DAG rollback: node {} cannot rollback",
    ),
    "rollback_nothing": ErrorText(
        500, "Unexpected error: failed to set dag rollback: no node failed", "Common.Unexpected"
    ),
    "retry_not_failed": _refused_operator(
        "RetryNotFailedDag", "Failed to set DAG retry: DAG state is not failed", "重试 DAG 失败：DAG 未失败"
    ),
    "retry_not_allowed": _refused_operator("RetryNotAllowed", "Failed to set DAG retry: node {} cannot retry"),
    "cancel_finished": _refused_operator("CancelFinishedDag", "Failed to cancel DAG: DAG is finished"),
    "cancel_not_allowed": _refused_operator("CancelNotAllowed", "Failed to cancel DAG: node {} cannot cancel"),
    "pass_not_failed": _refused_operator("PassNotFailedDag", "Failed to pass DAG: DAG is not failed"),
    "pass_not_allowed": _refused_operator("PassNotAllowed", "Failed to pass DAG: node {} cannot pass"),
    "unknown_operator": _refused_operator("NotSupport", "Operator {} is not supported"),
    "node_of_not_failed": _refused_node("PassNotFailedDag", "Failed to pass node: assigned DAG is not failed"),
    "node_not_failed": _refused_node("PassNotFailedNode", "Failed to pass node: node {} is not failed"),
    "node_not_allowed": _refused_node("PassNotAllowed", "Failed to pass node: node {} cannot pass"),
    "unknown_node_operator": _refused_node("NotSupport", "Operator {} is not supported"),
}

ERRORS_4_4_2: ErrorTable = {"decrypt_failed": _decrypt_failed(code=1)}
