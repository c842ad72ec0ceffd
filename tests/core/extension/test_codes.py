"""Codes worth money: for ever the same for one token, unlike for any other."""

import base64
import hashlib
import hmac

from core.extension.codes import derive_code


def test_code_never_changes() -> None:
    assert derive_code("discount", "a-secret") == "94AG-YENQ-A3FM-Z11C"


def test_purpose_and_token_make_the_code() -> None:
    codes = {
        derive_code(purpose, token)
        for purpose in ("discount", "donation")
        for token in ("a-secret", "b-secret")
    }

    assert len(codes) == 4


def test_code_has_eighty_bits_of_the_digest() -> None:
    digest = hmac.new(b"a-secret", b"discount", hashlib.sha256).digest()
    low_bits = "".join(f"{byte % 32:05b}" for byte in digest[:16])
    number = int(low_bits, 2).to_bytes(10, "big")
    symbols = base64.b32encode(number).decode()
    crockford = str.maketrans(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    )

    code = derive_code("discount", "a-secret").replace("-", "")

    assert code == symbols.translate(crockford)
