# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults. A name says what happens. After one with "after" in its name, the agent has applied the request."""

from __future__ import annotations

import json

from .exchange import Exchange

DAY = 86400
DRIP_PAUSE = 0.04
HTML = b"<html><body><h1>Not what you asked for</h1></body></html>"
HTML_TYPE = "text/html"
LARGE = 2 * 2**20
UNEXPECTED = {"code": 1002, "errCode": "Common.Unexpected", "message": "no"}


def reset_before(exchange: Exchange) -> None:
    exchange.reset()


def reset_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.reset()


def silent_before(exchange: Exchange) -> None:
    exchange.hang()


def silent_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.hang()


def error_500(exchange: Exchange) -> None:
    exchange.answer(500, b"", content_type="text/plain")


def error_502_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.answer(502, HTML, content_type=HTML_TYPE)


def error_500_enveloped(exchange: Exchange) -> None:
    exchange.answer_envelope(500, error=UNEXPECTED)


def error_502_enveloped_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.answer_envelope(502, error=UNEXPECTED)


def html_200(exchange: Exchange) -> None:
    exchange.answer(200, HTML, content_type=HTML_TYPE)


def html_200_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.answer(200, HTML, content_type=HTML_TYPE)


def empty_204(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")


def cut_after(exchange: Exchange) -> None:
    answer = exchange.ask_agent()
    exchange.send(answer[: -len(answer) // 4])
    exchange.close()


def cut_json_after(exchange: Exchange) -> None:
    body = exchange.ask_agent().partition(b"\r\n\r\n")[2]
    exchange.answer(200, body[: len(body) // 2])


def oversized_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.answer(200, b'{"successful": true, "data": "' + b" " * LARGE + b'"}')


def nested_json(exchange: Exchange) -> None:
    exchange.answer(200, b"[" * 100_000)


def wrong_types_in_json(exchange: Exchange) -> None:
    exchange.answer(200, json.dumps({"successful": True, "data": {"id": [], "nodes": 3}}).encode())


def drip_head(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 10_000, seconds=DRIP_PAUSE)


def drip_body_after(exchange: Exchange) -> None:
    answer = exchange.ask_agent()
    exchange.drip(answer, seconds=DRIP_PAUSE)


def answer_about_another_dag(exchange: Exchange) -> None:
    """Answer as the agent answers a request about its first DAG."""
    agent = exchange.agent
    _status, envelope = agent.call("GET", f"/api/v1/task/dag/{agent.id_of(agent.engine.dags[0])}")
    exchange.answer(200, json.dumps(envelope).encode())


def redirect(exchange: Exchange) -> None:
    exchange.answer(307, b"", headers=f"Location: http://127.0.0.1:{exchange.agent.port}/api/v1/info\r\n")


def redirect_enveloped(exchange: Exchange) -> None:
    body = json.dumps({"successful": True, "status": 302}).encode()
    exchange.answer(302, body, headers=f"Location: http://127.0.0.1:{exchange.agent.port}/api/v1/info\r\n")


def tls_alert(exchange: Exchange) -> None:
    exchange.send(b"\x15\x03\x01\x00\x02\x02\x46")
    exchange.close()


def busy_429(exchange: Exchange) -> None:
    exchange.answer(429, HTML, content_type=HTML_TYPE, headers="Retry-After: 0\r\n")


def busy_503(exchange: Exchange) -> None:
    exchange.answer(503, HTML, content_type=HTML_TYPE, headers="Retry-After: 0\r\n")


def busy_503_enveloped_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.answer_envelope(503, error={"code": 1, "message": "busy"})


def key_changed(exchange: Exchange) -> None:
    exchange.agent.rotate_key()
    exchange.pass_through()


def clock_a_day_ahead(exchange: Exchange) -> None:
    exchange.agent.clock.offset += DAY
    exchange.pass_through()


def clock_a_day_behind(exchange: Exchange) -> None:
    exchange.agent.clock.offset -= DAY
    exchange.pass_through()


def agent_restarted(exchange: Exchange) -> None:
    exchange.agent.restart(0.1)
    exchange.reset()


def agent_restarted_after(exchange: Exchange) -> None:
    exchange.ask_agent()
    exchange.agent.restart(0.1)
    exchange.reset()


def dag_deleted(exchange: Exchange) -> None:
    """Delete the newest DAG, which is the one that the test operates."""
    del exchange.agent.engine.dags[-1]
    exchange.pass_through()


def master_down(exchange: Exchange) -> None:
    """Only a request to a follower fails."""
    master = exchange.agent.master
    assert master is not None
    master.down = True
    try:
        exchange.pass_through()
    finally:
        master.down = False
