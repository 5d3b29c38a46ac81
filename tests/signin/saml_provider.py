"""A SAML 2.0 identity provider as an agency runs one, for tests: python saml_provider.py PORT FOLDER

It serves /metadata, and at /sso the answer, for the browser to send on, about whom ?as= names. The service provider's
metadata is read from FOLDER/sp.xml when it is needed.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORD
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA1, SIG_RSA_SHA256

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
BASE = f"http://127.0.0.1:{PORT}"
PEOPLE = {
    "lena": {"mail": ["lena.learner@example.org"], "givenName": ["Lena"], "sn": ["Learner"]},
    "impostor": {"mail": ["lena.learner@example.org"], "givenName": ["Not"], "sn": ["Lena"]},
    "numbered": {"mail": ["somebody@elsewhere.example"], "employeeNumber": ["4711"]},
}


def make_key(name: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Identity provider of a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    (FOLDER / f"{name}.key").write_bytes(private)
    (FOLDER / f"{name}.crt").write_bytes(certificate.public_bytes(pem))


def config(key: str = "own") -> IdPConfig:
    sp = FOLDER / "sp.xml"
    settings = {
        "entityid": f"{BASE}/metadata",
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": [(f"{BASE}/sso", BINDING_HTTP_REDIRECT)]},
                "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
            }
        },
        "metadata": {"local": [str(sp)]} if sp.exists() else {},
        "key_file": str(FOLDER / f"{key}.key"),
        "cert_file": str(FOLDER / f"{key}.crt"),
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "allow_unknown_attributes": True,
    }
    return IdPConfig().load(settings)


class Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/metadata":
            self.say(str(entity_descriptor(config())), "application/samlmetadata+xml")
        else:
            self.say(answer(query), "text/plain")

    def say(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments: object) -> None:
        pass


def answer(query: dict[str, str]) -> str:
    """The SAMLResponse, as the browser would send it on. ?flaw= makes it one that must be refused."""
    flaw = query.get("flaw", "")
    server = Server(config=config("foreign" if flaw == "foreign key" else "own"))
    request = server.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT)
    arguments = server.response_args(request.message, [BINDING_HTTP_POST])
    if flaw == "another request":
        arguments["in_response_to"] = "id-of-another-request"
    if flaw == "another service":
        arguments["destination"] = "https://other.county.example/acs/"
    arguments.pop("binding", None)
    arguments["name_id"] = NameID(format=NAMEID_FORMAT_PERSISTENT, text=query["as"])
    response = server.create_authn_response(
        identity=PEOPLE[query["as"]],
        userid=query["as"],
        authn={"class_ref": PASSWORD, "authn_auth": BASE},
        sign_assertion=flaw != "no signature",
        sign_response=False,
        sign_alg=SIG_RSA_SHA1 if flaw == "old algorithm" else SIG_RSA_SHA256,
        digest_alg=DIGEST_SHA256,
        **arguments,
    )
    text = str(response)
    if flaw == "changed afterwards":
        text = text.replace(f">{query['as']}<", ">lena<")
    return text


make_key("own")
make_key("foreign")
HTTPServer(("127.0.0.1", PORT), Provider).serve_forever()
