"""Signed statements (1.0.3 Data 2.6): a JSON web signature attached to the statement that it signs.

A signature is checked for mistakes, not trusted: who may sign is not the store's to say (Data 2.6, Note).
"""

import binascii
from base64 import b64decode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from lms.rules.statements import equality, strict_json
from lms.rules.statements.attachments import SIGNATURE
from lms.rules.statements.batches import LONGEST
from lms.rules.statements.refusal import Refused

ALGORITHMS = ("RS256", "RS384", "RS512")
_REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
# The library's own limits are too narrow for a chain of certificates, and for a statement.
_REGISTRY.max_header_length = 100_000
_REGISTRY.max_payload_length = 4 * LONGEST
_REGISTRY.max_signature_length = 10_000


def check(statement: dict[str, Any], announced: dict[str, Any], signature: bytes) -> None:
    """Check that an attached signature is well formed, and signs this very statement.

    :raises Refused: otherwise.
    """
    if announced["contentType"] != "application/octet-stream":
        raise _refused("has another contentType than application/octet-stream")
    try:
        signed = jws.extract_compact(signature.strip(), registry=_REGISTRY)
        header = signed.headers()
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _refused("is not a JSON web signature in compact form") from None
    if header.get("alg") not in ALGORITHMS:
        raise _refused("uses another algorithm than RS256, RS384 or RS512")
    if signed.payload is None:
        raise _refused("has no payload")
    _check_payload(statement, signed.payload)
    if "x5c" in header:
        _verify(signature.strip(), header["x5c"])


def _check_payload(statement: dict[str, Any], payload: bytes) -> None:
    try:
        original = strict_json.parse(strict_json.decode(payload))
        equal = equality.same_but_signature(statement, original, SIGNATURE)
    except (Refused, KeyError, TypeError, AttributeError, ValueError):
        raise _refused("does not hold a statement") from None
    if not equal:
        raise _refused("signs another statement than this one")


def _verify(signature: bytes, chain: Any) -> None:
    """The certificate named first has the key that made the signature (RFC 7515, 4.1.6)."""
    try:
        certificate = load_der_x509_certificate(b64decode(chain[0], validate=True))
        public = certificate.public_key()
    except (ValueError, TypeError, IndexError, KeyError, binascii.Error):
        raise _refused("names a certificate in x5c that cannot be read") from None
    if not isinstance(public, RSAPublicKey):
        raise _refused("names a certificate in x5c that has no RSA key")
    try:
        jws.deserialize_compact(signature, RSAKey.import_key(public), registry=_REGISTRY)
    except (JoseError, ValueError):
        raise _refused("was not made with the key of the certificate in its x5c") from None


def _refused(fault: str) -> Refused:
    return Refused("attachments", f"the attached signature {fault}.")
