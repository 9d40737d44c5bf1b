# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the agent: a refused request, and the line that ends the log of a failed sub-task."""

from __future__ import annotations

import re

from .dag import Json
from .error_codes import ERRORS_4_3_2, ERRORS_4_4_2
from .error_text import ErrorTable, ErrorText
from .errors_of_seekdb import ERRORS_OF_SEEKDB
from .errors_without_codes import ERRORS_4_2_2, ERRORS_4_2_6, ERRORS_4_3_0
from .version import Feature, Version

CHANGES: tuple[tuple[Feature, ErrorTable], ...] = (
    (Feature(since="4.4.2.0"), ERRORS_4_4_2),
    (Feature(since="4.3.2.0"), ERRORS_4_3_2),
    (Feature(since="4.3.2.0"), ERRORS_OF_SEEKDB),
    (Feature(since="4.3.0.0"), ERRORS_4_3_0),
    (Feature(since="4.2.6.0"), ERRORS_4_2_6),
    (Feature(since="4.2.2.0"), ERRORS_4_2_2),
)
"""Each table has the errors that changed in a version. The newest one that has an error decides."""


class ApiError(Exception):
    """The agent refuses a request. `reason` is a key of the tables of errors."""

    def __init__(self, reason: str, *values: object) -> None:
        super().__init__(reason, *values)
        self.reason = reason
        self.values = values

    def text(self, version: Version) -> ErrorText:
        return next(table[self.reason] for since, table in CHANGES if since.is_in(version) and self.reason in table)

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


def without_code(line: str) -> str:
    """A log line as an agent without error codes writes it."""
    return re.sub(r"^ERROR: \[[\w.]+\]: ", "ERROR: ", line)


def unexpected_error_line(version: Version, message: str) -> str:
    return error_line(version, "Common.Unexpected", f"Unexpected error: {message}" if version.error_codes else message)
