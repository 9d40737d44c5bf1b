# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy that disturbs requests, and the tests of what the collection then does.

proxy.py            the proxy; exchange.py: one request through it, and what a fault can do with it
faults.py           the faults by name; outcomes.py: what a client can know after each of them
client_timeouts.py  makes a client give up quickly if the proxy hangs, and only then
slow_server.py      a server that answers byte by byte
dags.py             the DAGs that the tests operate
"""

from __future__ import annotations

from .exchange import Exchange
from .proxy import Fault, FaultyProxy, RefuseConnections

__all__ = ["Exchange", "Fault", "FaultyProxy", "RefuseConnections"]
