# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can befall a request, each by its name, with what is then known of it."""

from __future__ import annotations

import json
import typing as t

from ._wire import Exchange, Fault, Refused

DAY = 86400
DRIP = 0.04
HTML = b"<html><body><h1>Not what you asked for</h1></body></html>"
LARGE = 2 * 2**20


def reset_before(exchange: Exchange) -> None:
    exchange.reset()


def reset_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.reset()


def silent_before(exchange: Exchange) -> None:
    exchange.hold()


def silent_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.hold()


def error_500(exchange: Exchange) -> None:
    exchange.answer(500, b"", kind="text/plain")


def error_502_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.answer(502, HTML, kind="text/html")


def error_500_enveloped(exchange: Exchange) -> None:
    exchange.envelope(500, error={"code": 1002, "errCode": "Common.Unexpected", "message": "no"})


def error_502_enveloped_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.envelope(502, error={"code": 1002, "errCode": "Common.Unexpected", "message": "no"})


def html_200(exchange: Exchange) -> None:
    exchange.answer(200, HTML, kind="text/html")


def html_200_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.answer(200, HTML, kind="text/html")


def empty_204(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")


def cut_after(exchange: Exchange) -> None:
    answer = exchange.ask()
    exchange.send(answer[: -len(answer) // 4])
    exchange.hang_up()


def cut_json_after(exchange: Exchange) -> None:
    body = exchange.ask().partition(b"\r\n\r\n")[2]
    exchange.answer(200, body[: len(body) // 2])


def oversized_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.answer(200, b'{"successful": true, "data": "' + b" " * LARGE + b'"}')


def nested_json(exchange: Exchange) -> None:
    exchange.answer(200, b"[" * 100_000)


def strange_json(exchange: Exchange) -> None:
    exchange.answer(200, json.dumps({"successful": True, "data": {"id": [], "nodes": 3}}).encode())


def drip_head(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 10_000, seconds=DRIP)


def drip_body_after(exchange: Exchange) -> None:
    answer = exchange.ask()
    exchange.drip(answer, seconds=DRIP)


def answer_to_another(exchange: Exchange) -> None:
    """The agent's own true answer, to a question about another DAG."""
    other = exchange.agent.engine.dags[0]
    _status, envelope = exchange.agent.call("GET", f"/api/v1/task/dag/{exchange.agent.id_of(other)}")
    exchange.answer(200, json.dumps(envelope).encode())


def redirect(exchange: Exchange) -> None:
    exchange.answer(307, b"", headers=f"Location: http://127.0.0.1:{exchange.agent.port}/api/v1/info\r\n")


def redirect_enveloped(exchange: Exchange) -> None:
    body = json.dumps({"successful": True, "status": 302}).encode()
    exchange.answer(302, body, headers=f"Location: http://127.0.0.1:{exchange.agent.port}/api/v1/info\r\n")


def tls_broken(exchange: Exchange) -> None:
    exchange.send(b"\x15\x03\x01\x00\x02\x02\x46")
    exchange.hang_up()


def busy_429(exchange: Exchange) -> None:
    exchange.answer(429, HTML, kind="text/html", headers="Retry-After: 0\r\n")


def busy_503(exchange: Exchange) -> None:
    exchange.answer(503, HTML, kind="text/html", headers="Retry-After: 0\r\n")


def busy_503_enveloped_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.envelope(503, error={"code": 1, "message": "busy"})


def key_changed(exchange: Exchange) -> None:
    exchange.agent.rotate_key()
    exchange.pass_on()


def clock_a_day_ahead(exchange: Exchange) -> None:
    exchange.agent.clock.offset += DAY
    exchange.pass_on()


def clock_a_day_behind(exchange: Exchange) -> None:
    exchange.agent.clock.offset -= DAY
    exchange.pass_on()


def agent_restarted(exchange: Exchange) -> None:
    exchange.agent.restart(0.1)
    exchange.reset()


def agent_restarted_after(exchange: Exchange) -> None:
    exchange.ask()
    exchange.agent.restart(0.1)
    exchange.reset()


def dag_gone(exchange: Exchange) -> None:
    """The newest DAG is the one that a test asks for."""
    del exchange.agent.engine.dags[-1]
    exchange.pass_on()


def no_master(exchange: Exchange) -> None:
    """Only a follower's request fails by it."""
    master = exchange.agent.master
    assert master is not None
    master.down = True
    try:
        exchange.pass_on()
    finally:
        master.down = False


class Known(t.NamedTuple):
    """What may be known of a POST that this befell, and of a read.

    `post`: "no" (not applied, and the client can know), "lost" (not applied, but the client cannot know), "applied"
    (applied, but the client cannot know), "told" (applied, and the client is told), "refused" (not applied, and an
    error says so), "gone". `read`: "fails", "recovers" or "gone".
    """

    fault: Fault | Refused
    post: str
    read: str = "fails"


FAULTS: dict[str, Known] = {
    "refuse": Known(Refused(), "no"),
    **{
        fault.__name__: Known(fault, "lost")
        for fault in (
            reset_before,
            silent_before,
            error_500,
            html_200,
            empty_204,
            nested_json,
            strange_json,
            drip_head,
            answer_to_another,
            redirect,
            redirect_enveloped,
            tls_broken,
            busy_503,
            agent_restarted,
        )
    },
    **{
        fault.__name__: Known(fault, "applied")
        for fault in (
            reset_after,
            silent_after,
            error_502_after,
            error_502_enveloped_after,
            html_200_after,
            cut_after,
            cut_json_after,
            oversized_after,
            drip_body_after,
            busy_503_enveloped_after,
            agent_restarted_after,
        )
    },
    "busy_429": Known(busy_429, "no"),
    "error_500_enveloped": Known(error_500_enveloped, "refused"),
    "key_changed": Known(key_changed, "told", "recovers"),
    "clock_a_day_ahead": Known(clock_a_day_ahead, "told", "recovers"),
    "clock_a_day_behind": Known(clock_a_day_behind, "told", "recovers"),
    "dag_gone": Known(dag_gone, "gone", "gone"),
}
