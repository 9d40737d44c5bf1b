# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are taken out, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t
import urllib.parse

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.masking import MASK, Masker

SECRET = "s3cr3t#Root"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "start obproxy -o 'obproxy_sys_password=e3fd448c,listen_port=1'",
            f"start obproxy -o 'obproxy_sys_password={MASK},listen_port=1'",
        ),
        ('{"rootPwd": "aa\\"bb", "port": 1}', f'{{"rootPwd": {MASK}, "port": 1}}'),
        (r'{"body": "{\"rootPwd\":\"hunter2\",\"port\":1}"}', rf'{{"body": "{{\"rootPwd\":{MASK},\"port\":1}}"}}'),
        (r"{\\\"password\\\": \\\"hunter2\\\"}", rf"{{\\\"password\\\": {MASK}}}"),
        ("root:hunter2@tcp(127.0.0.1:2881)/oceanbase", f"root:{MASK}@tcp(127.0.0.1:2881)/oceanbase"),
        ("map[password:hunter2 port:1]", f"map[password:{MASK} port:1]"),
        ("PASSWD = 'a b'", f"PASSWD = {MASK}"),
        ("access_key=AKIA; secret_key=zz", f"access_key={MASK}; secret_key={MASK}"),
        ("token: abc.def", f"token: {MASK}"),
        ("observer --password hunter2 -P 1", f"observer --password {MASK} -P 1"),
        ("ALTER USER root IDENTIFIED BY 'hunter2'", f"ALTER USER root IDENTIFIED BY {MASK}"),
        ("SET PASSWORD = PASSWORD('hunter2')", f"SET PASSWORD = PASSWORD({MASK})"),
        ("http://root:hunter2@127.0.0.1:2881", f"http://root:{MASK}@127.0.0.1:2881"),
        ("proxyro password for connect", "proxyro password for connect"),
        ("set root password", "set root password"),
        ("db_pass=hunter2", f"db_pass={MASK}"),
        ("node Start observer cannot pass (traceId 4257)", "node Start observer cannot pass (traceId 4257)"),
        ("the password (traceId 4257)", "the password (traceId 4257)"),
        ("PASS: it succeeded", "PASS: it succeeded"),
        ("Unauthorized: OceanBase password is incorrect", "Unauthorized: OceanBase password is incorrect"),
    ],
)
def test_what_follows_a_password_like_name(text: str, masked: str) -> None:
    assert "hunter2" not in Masker([]).text(text)
    assert Masker([]).text(text) == masked


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256", "sha512"])
def test_given_secrets_and_their_hashes(digest: str) -> None:
    hashed = hashlib.new(digest, SECRET.encode()).hexdigest()
    assert Masker([SECRET]).text(f"x{SECRET}y {hashed}") == f"x{MASK}y {MASK}"


@pytest.mark.parametrize(
    "form",
    [
        'pw "\u00e4 #',
        json.dumps('pw "\u00e4 #')[1:-1],
        urllib.parse.quote('pw "\u00e4 #', safe=""),
        base64.b64encode('pw "\u00e4 #'.encode()).decode(),
        hashlib.sha1(hashlib.sha1('pw "\u00e4 #'.encode()).digest()).hexdigest().upper(),
        base64.b64encode(hashlib.sha256('pw "\u00e4 #'.encode()).digest()).decode(),
    ],
)
def test_given_secrets_as_they_are_quoted_and_encoded(form: str) -> None:
    assert Masker(['pw "\u00e4 #']).mask({f"k {form}": [f"x {form} y"]}) == {f"k {MASK}": [f"x {MASK} y"]}


def test_a_short_secret_is_masked_as_a_word_only() -> None:
    assert Masker(["ab"]).text("ab abc 'ab'") == f"{MASK} abc '{MASK}'"


def test_structures() -> None:
    value: dict[str, t.Any] = {
        "password": "x",
        "pwd": "",
        "agent_password_set": True,
        "list": [SECRET, 1, None, {"token": 12}],
        "nested": {"secret": {"a": SECRET}},
    }
    assert Masker([SECRET, None, ""]).mask(value) == {
        "password": MASK,
        "pwd": "",
        "agent_password_set": True,
        "list": [MASK, 1, None, {"token": MASK}],
        "nested": {"secret": {"a": MASK}},
    }


def test_all_below_a_password_like_name() -> None:
    answered = {"secrets": ["hunter2", ""], "credential": {"user": "root", "value": "hunter2"}, "tokens": None}
    masked = {"secrets": [MASK, ""], "credential": {"user": MASK, "value": MASK}, "tokens": None}
    assert Masker([]).mask(answered) == masked
