# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that nobody declared, by what is written before them; and the time that this takes."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.masking import Masker
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.undeclared_secrets import MASK

# What is written, and what is left of it.
MASKED = {
    "start -o 'obproxy_sys_password=hunter2,listen_port=1'": f"start -o 'obproxy_sys_password={MASK},listen_port=1'",
    '{"rootPwd": "hunter2\\"bb", "port": 1}': f'{{"rootPwd": {MASK}, "port": 1}}',
    r'{"body": "{\"rootPwd\":\"hunter2\",\"port\":1}"}': rf'{{"body": "{{\"rootPwd\":{MASK},\"port\":1}}"}}',
    r"{\"rootPwd\":\"a\\\"hunter2\\\"b\",\"port\":1}": rf"{{\"rootPwd\":{MASK},\"port\":1}}",
    r"{\\\"password\\\": \\\"hunter2\\\"}": rf"{{\\\"password\\\": {MASK}}}",
    '{"passwords":["hunter2","b"],"x":1}': f'{{"passwords":{MASK},"x":1}}',
    '{"credentials":{"a":{"b":"hunter2"},"c":"hunter2"},"x":1}': f'{{"credentials":{MASK},"x":1}}',
    "map[password:hunter2 port:1]": f"map[password:{MASK} port:1]",
    "PASSWD = 'a hunter2'": f"PASSWD = {MASK}",
    "access_key=hunter2; secret_key=zz": f"access_key={MASK}; secret_key={MASK}",
    "token: hunter2.def": f"token: {MASK}",
    "db_pass=hunter2": f"db_pass={MASK}",
    "rootPass=hunter2": f"rootPass={MASK}",
    "rootPass: hunter2": f"rootPass: {MASK}",
    "rootpw=hunter2": f"rootpw={MASK}",
    '"pass":"hunter2"': f'"pass":{MASK}',
    "pass=hunter2": f"pass={MASK}",
    # The value is not over at the first bracket, comma or quote.
    "password=Ab)hunter2 x": f"password={MASK} x",
    "password=Ab,hunter2 x": f"password={MASK} x",
    "password=Ab;hunter2&hunter2&x=1": f"password={MASK}&x=1",
    r"password='a'\''hunter2' x": f"password={MASK} x",
    "password='a'\"'\"'hunter2' x": f"password={MASK} x",
    "password='hunter2 was cut": f"password={MASK}",
    "observer --password hunter2 -P 1": f"observer --password {MASK} -P 1",
    "--rootpw hunter2 x": f"--rootpw {MASK} x",
    "--pass hunter2 x": f"--pass {MASK} x",
    '["--password","hunter2","-P"]': f'["--password",{MASK},"-P"]',
    r"[\"--password\",\"hunter2\"]": rf"[\"--password\",{MASK}]",
    "[--password hunter2 -P 1]": f"[--password {MASK} -P 1]",
    "mysql -uroot -phunter2 -P 1": f"mysql -uroot -p{MASK} -P 1",
    "obclient -h1 -P2881 -p'hunter2 x' -A": f"obclient -h1 -P2881 -p{MASK} -A",
    '["mysql","-uroot","-phunter2"]': f'["mysql","-uroot","-p{MASK}"]',
    "ALTER USER root IDENTIFIED BY 'hunter2'": f"ALTER USER root IDENTIFIED BY {MASK}",
    "IDENTIFIED BY 'abc''hunter2' x": f"IDENTIFIED BY {MASK} x",
    "identified with mysql_native_password by 'hunter2'": f"identified with mysql_native_password by {MASK}",
    "IDENTIFIED BY PASSWORD '*hunter2'": f"IDENTIFIED BY PASSWORD {MASK}",
    "SET PASSWORD = PASSWORD('hunter2')": f"SET PASSWORD = PASSWORD({MASK})",
    "SET PASSWORD FOR root = 'hunter2'": f"SET PASSWORD FOR root = {MASK}",
    "root:hunter2@tcp(127.0.0.1:2881)/oceanbase": f"root:{MASK}@tcp(127.0.0.1:2881)/oceanbase",
    "root:a@hunter2@tcp(127.0.0.1:2881)/oceanbase": f"root:{MASK}@tcp(127.0.0.1:2881)/oceanbase",
    "http://root:hunter2@127.0.0.1:2881": f"http://root:{MASK}@127.0.0.1:2881",
    "http://root:a@hunter2@127.0.0.1:2881": f"http://root:{MASK}@127.0.0.1:2881",
    "http://root:a/hunter2@127.0.0.1": f"http://root:{MASK}@127.0.0.1",
    "Authorization: Basic hunter2==": f"Authorization: {MASK}",
    "map[Authorization:[Basic hunter2]]": f"map[Authorization:{MASK}]",
    "curl -H 'Authorization: Bearer hunter2' x": f"curl -H 'Authorization: {MASK}' x",
    '{"Authorization":"Basic hunter2","x":1}': f'{{"Authorization":{MASK},"x":1}}',
    'Authorization: Digest username="root", response="hunter2"': f"Authorization: {MASK}",
    "X-OCS-Header: hunter2": f"X-OCS-Header: {MASK}",
    "a -----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY----- b": f"a {MASK} b",
    r'{"key":"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"}': rf'{{"key":"{MASK}\n"}}',
    "-----BEGIN PRIVATE KEY-----\nhunter2 was cut": MASK,
}
KEPT = (
    "proxyro password for connect",
    "set root password",
    "node Start observer cannot pass (traceId 4257)",
    "the password (traceId 4257)",
    "PASS: it succeeded",
    'operators: {"PASS": {"verdict": "refused"}}',
    "Operators allowed now: ROLLBACK, PASS",
    "Unauthorized: OceanBase password is incorrect",
    "GET http://10.0.0.1:2886/api/v1/info by dba@example.com",
    "mkdir -pv /data; mysql -P 2881 -p",
    "-----BEGIN CERTIFICATE-----",
)
UNITS = (
    '{"url":"http://10.0.0.1:2886/api","state":1},',
    "http://a:b",
    "://x:y@",
    'password="',
    "password='x",
    'password=\\\\"',
    "password=a,b;",
    "password={[",
    "--pass--",
    "root:x@tcp(",
    "mysql -p",
    "identified by ",
    "-----BEGIN PRIVATE KEY-----",
    'authorization="',
    "\\",
    " ",
)


@pytest.mark.parametrize("text", MASKED)
def test_what_follows_it_is_masked(text: str) -> None:
    assert Masker([]).text(text) == MASKED[text]


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_it_is_kept(text: str) -> None:
    assert Masker([]).text(text) == text


def test_a_private_key_over_several_lines_of_a_log() -> None:
    lines = ["a -----BEGIN EC PRIVATE KEY-----", "hunter2", "hunter2 -----END EC PRIVATE KEY----- b", "c"]
    assert Masker([]).mask(lines) == [f"a {MASK}", MASK, f"{MASK} b", "c"]
    assert Masker([]).mask(lines[1:]) == [MASK, f"{MASK} b", "c"], "its first line may have been left out"


@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_takes_twice_the_time(unit: str) -> None:
    """Four times the text four times as long; the threshold is half way to the sixteen times of a quadratic one."""
    masker = Masker(["R00t#Secret+pw", "Ag3nt#Secret+pw"])

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        durations = []
        for _attempt in range(3):
            begin = time.process_time()
            masker.text(text)
            durations.append(time.process_time() - begin)
        return min(durations)

    assert seconds(160_000) < 10 * seconds(40_000) + 0.01


def test_compact_json_with_urls_is_masked_at_once() -> None:
    text = json.dumps([{"url": f"http://10.0.0.{n % 250}:2886/api"} for n in range(4_000)], separators=(",", ":"))
    begin = time.process_time()
    assert len(text) > 140_000 and Masker(["R00t#Secret+pw"]).text(text) == text
    assert time.process_time() - begin < 2


def test_a_text_without_bound_is_left_out() -> None:
    assert Masker([]).text("x" * 1_000_001) == "(left out: 1000001 characters)"
