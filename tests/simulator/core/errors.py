# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the agent: a refused request, and the line that ends the log of a failed sub-task."""

from __future__ import annotations

from .dag import Json
from .error_tables import WITH_ERROR_CODES, WITHOUT_ERROR_CODES, ErrorText
from .version import Version


class ApiError(Exception):
    """The agent refuses a request. `reason` is a key of the tables of errors."""

    def __init__(self, reason: str, *values: object) -> None:
        super().__init__(reason, *values)
        self.reason = reason
        self.values = values

    def text(self, version: Version) -> ErrorText:
        return (WITH_ERROR_CODES if version.error_codes else WITHOUT_ERROR_CODES)[self.reason]

    def message(self, version: Version, *, language: str = "") -> str:
        text = self.text(version)
        chinese = language.startswith("zh") and text.chinese
        return (chinese or text.message).format(*self.values)

    def as_dict(self, version: Version, *, language: str = "") -> Json:
        """The `error` of the envelope."""
        text, message = self.text(version), self.message(version, language=language)
        if not version.error_codes:
            return {"code": text.code, "message": message}
        code = {"code": text.code} if text.code else {}
        return {**code, "errCode": text.err_code, "message": message}


def error_line(version: Version, err_code: str, message: str) -> str:
    """The last log line of a sub-task that failed."""
    return f"ERROR: [{err_code}]: {message}" if version.error_codes else f"ERROR: {message}"


def unexpected_error_line(version: Version, message: str) -> str:
    return error_line(version, "Common.Unexpected", f"Unexpected error: {message}" if version.error_codes else message)
