# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's side of obshell's encryption: an RSA key of any size, and AES for bodies.

By pycryptodome, since cryptography refuses the 512 bit keys of agents; larger ones it makes in a tenth of the time.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass

from Crypto.Cipher import AES, PKCS1_v1_5
from Crypto.PublicKey import RSA
from Crypto.Util.asn1 import DerSequence
from Crypto.Util.number import getPrime
from Crypto.Util.Padding import unpad
from cryptography.hazmat.primitives.asymmetric import rsa

PUBLIC_EXPONENT = 65537


class DecryptionError(Exception):
    """What was sent is not encrypted for this key."""


@dataclass(frozen=True)
class RsaKey:
    """An agent's key pair."""

    pair: RSA.RsaKey

    @classmethod
    def generate(cls, bits: int) -> RsaKey:
        if bits >= 1024:
            made = rsa.generate_private_key(PUBLIC_EXPONENT, bits).private_numbers()
            return cls(RSA.construct((made.public_numbers.n, PUBLIC_EXPONENT, made.d, made.p, made.q)))
        modulus = order = 0
        while modulus.bit_length() != bits or math.gcd(order, PUBLIC_EXPONENT) != 1:
            first, second = getPrime(bits // 2), getPrime(bits // 2)
            modulus, order = first * second, (first - 1) * (second - 1)
        exponent = pow(PUBLIC_EXPONENT, -1, order)
        return cls(RSA.construct((modulus, PUBLIC_EXPONENT, exponent, first, second)))

    @property
    def public_key(self) -> str:
        """Base64 of the DER of a PKCS#1 RSAPublicKey, as `GET /api/v1/secret` answers it."""
        return base64.b64encode(DerSequence([self.pair.n, self.pair.e]).encode()).decode()

    def decrypt(self, encoded: str) -> bytes:
        """Undo base64 and PKCS#1 v1.5, one block of the key's size after the other."""
        try:
            ciphertext = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise DecryptionError(str(error)) from error
        size = self.pair.size_in_bytes()
        if not ciphertext or len(ciphertext) % size:
            raise DecryptionError("crypto/rsa: decryption error")
        cipher = PKCS1_v1_5.new(self.pair)
        plain = b""
        for at in range(0, len(ciphertext), size):
            try:
                block = cipher.decrypt(ciphertext[at : at + size], None)
            except ValueError:
                block = None
            if block is None:
                raise DecryptionError("crypto/rsa: decryption error")
            plain += block
        return plain


def decrypt_body(body: bytes, *, keys: bytes) -> bytes:
    """Undo base64 and AES-128-CBC; `keys` is the 16 byte key and the 16 byte initial vector."""
    try:
        decryptor = AES.new(keys[:16], AES.MODE_CBC, iv=keys[16:32])
        return unpad(decryptor.decrypt(base64.b64decode(body, validate=True)), AES.block_size)
    except ValueError as error:
        raise DecryptionError(str(error)) from error
