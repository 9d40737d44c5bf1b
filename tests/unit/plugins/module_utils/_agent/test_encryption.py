# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known answers of the envelope, opened by a decryption of its own: plain arithmetic, and openssl's AES."""

from __future__ import annotations

import base64
import json
import os
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import encryption
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable

# Size in bits: public key as an agent gives it, private exponent. Made for this test.
KEYS = {
    512: (
        "MEgCQQDXEJ/LwADsRCsFTEUpfMdd84xvTQtfEjVtzQf7YCGGKSGcO/3UYKl3YiL0/ffaBKtOld+OPnv4AXiOVrwZS7yRAgMBAAE=",
        int(
            "74c8ee3d32324e1a6652262c986ecdc452f0bbafd6b0f5ae55c5b4c3e85bcc01a2b0cb8cd034232654caeb19c0"
            "b95cd98ae805bd4dd9cea2455b45f46c162001",
            16,
        ),
    ),
    1024: (
        "MIGJAoGBANtQY0SO97t97LJXqNJxICZb8IejV1+pWBROEQ7U8jeZhu/QsobGqV8jCdk+JQ0Ho1RVLAZwU7twAWv35p"
        "x0TDXOgi/K0SKWI90dLEce0bjHTxmvc7K6voe8cY4r6Rd6/LH0dwe/ZHebbxQ71DDcng8s2+3dyyoq+Uu905xRmIdl"
        "AgMBAAE=",
        int(
            "8535f3c5cdcd1d9e242a436270c873cdb8e4858eaa60999cbd6099add79c743715a60eae917c939e0ccb4ba01a"
            "a32a7383a2e445d8ee93183a54d953c2ce4506fdd4216395449b2cb7901423bcab5912958885d63062e4365320"
            "f7116c35250f8729f64449f058ff07be5f5b7ceee2f9b8ea9a67c917a7b89eff2bf302c200b5",
            16,
        ),
    ),
    2048: (
        "MIIBCgKCAQEA6HnVJFcvfctb2l/ofrqIQPCqPKTnoOAqfkhhIXd3VjOlEY2B+8pDQAVyqiXQlq4GJeDWeAyK12GdIO"
        "GEJx6cNM6KOQ8JsPIhiMyQcDjr34Wx0nxm2ZBszcwgAkT4cgiDyx9a81PFGoZu5PB5kv12v3iffn+n00OlE09etamo"
        "AgbWOP21hk2i55fV3X4QjL81vVkdYMz1nIP9afR6Uaj+W+1Fa6XhvLI2By9goTImsEQ1IsXFlfqyFNdsLuObTmjPAX"
        "9mbl4ancI3b5W1Bj7uKsSBKQVs74zecG9MG8GapWkFldMAfThk3TaGo9u4wycISv2tNiksehyGxZ4UZ0xyZQIDAQAB",
        int(
            "72ddf000dacb6e7e92ce1de184eca9f25c77e12b22000d83318e95dfb165d7c400e5e163be83bc22e00e3e201d"
            "26b6a9f70157374e0b344cd914ac195e32f3bfebe5c437b7f4244f89867a3fd900431b8e37909c4917e18af637"
            "42a7cd929abe7418f41992e4ab2c8d92b5777cb79c7b1320cba24bcc497a41465067b6827b2cf077333678eb4e"
            "4a584e1c709d07aac5fcb5acc2a17a12ea498bd53c3524da9dc5f78f9bbc4a1d984ad6e35def3b49eab6ad2711"
            "dd04deea1d30ecef73310529319160cbb837b96abf730e3b15eaae153c14d4f4fb77dd988a7c0b23fd15413219"
            "7f36a2d8b4c1f841b6570656649bd3028952fffa983f45cf1f55719337fc29",
            16,
        ),
    ),
}
SECRET, IV = bytes(range(16)), bytes(range(16, 32))
BODY = {"operator": "ROLLBACK"}
# printf '{"operator": "ROLLBACK"}' | openssl enc -aes-128-cbc -K 000102...0f -iv 101112...1f -base64
SEALED_BODY = b"VkhdhF1xiOhopd24hWMqoApR8F7OCXdFRTCDubnaKUk="


def open_rsa(size: int, text: str) -> bytes:
    """Decrypt what was encrypted for KEYS[size]: m = c^d mod n, then take off 00 02 <random, not 0> 00."""
    der = base64.b64decode(KEYS[size][0])
    exponent = b"\x02\x03\x01\x00\x01"
    assert der.endswith(exponent)
    modulus = int.from_bytes(der[: -len(exponent)][-size // 8 :], "big")
    sealed, plain = base64.b64decode(text), b""
    for start in range(0, len(sealed), size // 8):
        chunk = int.from_bytes(sealed[start : start + size // 8], "big")
        block = pow(chunk, KEYS[size][1], modulus).to_bytes(size // 8, "big")
        assert block[:2] == b"\x00\x02" and 0 not in block[2:10]
        plain += block[block.index(0, 2) + 1 :]
    return plain


@pytest.fixture(name="fixed_keys", autouse=True)
def fixture_fixed_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([SECRET, IV])
    monkeypatch.setattr(os, "urandom", lambda size: next(draws))


@pytest.mark.parametrize("size", KEYS)
def test_v2(size: int) -> None:
    key = encryption.load_public_key(KEYS[size][0])
    header, body = encryption.encrypt_request(
        key, password='p\u00e4ss"word', uri="/api/v1/x?y=z", expires=1795499969, body=BODY
    )
    assert len(base64.b64decode(header)) % (size // 8) == 0
    assert json.loads(open_rsa(size, header)) == {
        "auth": 'p\u00e4ss"word',
        "ts": "1795499969",
        "uri": "/api/v1/x?y=z",
        "keys": base64.b64encode(SECRET + IV).decode(),
    }
    assert body == SEALED_BODY


@pytest.mark.parametrize("size", KEYS)
def test_v1(size: int) -> None:
    key = encryption.load_public_key(KEYS[size][0])
    header, body = encryption.encrypt_request_v1(key, password="", expires=1795499969, body=BODY)
    assert json.loads(open_rsa(size, header)) == {"password": "", "ts": 1795499969}
    assert json.loads(body) == BODY


@pytest.mark.parametrize("size", KEYS)
@pytest.mark.parametrize("length", [1, 52, 53, 54, 117, 118, 245, 246, 1000])
def test_any_length_is_cut_into_chunks(size: int, length: int) -> None:
    data = bytes(index % 251 for index in range(length))
    assert open_rsa(size, encryption.rsa_encrypt(encryption.load_public_key(KEYS[size][0]), data)) == data


def test_an_empty_body_stays_empty() -> None:
    key = encryption.load_public_key(KEYS[1024][0])
    assert encryption.encrypt_request(key, password="", uri="/", expires=0)[1] == b""


@pytest.mark.parametrize("text", ["", "!", "AAAA", "MAA="])
def test_what_is_no_key_is_no_agent(text: str) -> None:
    with pytest.raises(Unreachable, match="public key"):
        encryption.load_public_key(text)


def test_the_warm_up_encrypts_for_a_key_of_the_usual_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def rsa_encrypt(key: t.Any, _data: bytes) -> str:
        sizes.append(key.key_size)
        return ""

    monkeypatch.setattr(encryption, "rsa_encrypt", rsa_encrypt)
    encryption.warm_up()
    assert sizes == [1024]


def test_a_warm_up_that_fails_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "HAS_CRYPTOGRAPHY", False)
    encryption.load_public_key.cache_clear()
    encryption.warm_up()
