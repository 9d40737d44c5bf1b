# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire that breaks, for tests: `Wire` is the proxy, `_faults` what can befall a request on it."""

from __future__ import annotations

from ._wire import Exchange, Fault, Refused, Wire

__all__ = ["Exchange", "Fault", "Refused", "Wire"]
