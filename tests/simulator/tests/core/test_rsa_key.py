# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSA keys of any size."""

from __future__ import annotations

import base64
import itertools

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator.core import rsa_key
from ansible_collections.oceanbase.obshell.tests.simulator.core.rsa_key import (
    PUBLIC_EXPONENT,
    DecryptionError,
    RsaKey,
)
from Crypto.Util.number import getPrime, isPrime


@pytest.mark.parametrize("bits", [512, 1024])
def test_a_block_larger_than_the_modulus_raises_the_usual_error(bits: int) -> None:
    key = RsaKey.generate(bits)
    for filling in (b"\x01", b"\xff"):
        with pytest.raises(DecryptionError, match="crypto/rsa: decryption error"):
            key.decrypt(base64.b64encode(filling * (bits // 8)).decode())


def test_a_prime_without_a_private_exponent_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    half, step = 256, 2 * PUBLIC_EXPONENT
    smallest = (3 << (half - 2)) // step * step + step + 1
    unsuitable = next(number for number in itertools.count(smallest, step) if isPrime(number))
    largest = next(number for number in itertools.count((1 << half) - 1, -2) if isPrime(number))
    primes = itertools.chain([unsuitable, largest], iter(lambda: getPrime(half), 0))
    monkeypatch.setattr(rsa_key, "getPrime", lambda _: next(primes))
    key = RsaKey.generate(512)
    assert unsuitable not in (key.pair.p, key.pair.q)
