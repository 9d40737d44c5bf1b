# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents that are served: ports, sockets, encrypted requests, and answers in the agent's envelope.

network.py         serves a network of agents and lets time pass; event_loop.py: the thread that does so
agent.py           an agent that can be called, stopped and started
server.py          the TCP port and the unix socket of one agent; reserved_port.py, tls.py
dispatch.py        one request, from the request line to the envelope; request.py, envelope.py
authentication.py  headers, passwords and encrypted bodies; encryption.py
routes/            what each route does; call.py: what a route is given, and what it can return
journal.py         all requests that the agents received
faults.py          what goes wrong between a client and an agent
hold.py            nodes that run until a client has read about them, or has operated every network
"""
