"""Certificates for tests, of an authority that nobody else trusts."""
import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = '127.0.0.1'
_LIVES = datetime.timedelta(hours=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """`file` is its certificate; all are kept in `directory`."""

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self._name = _name(f'authority of {directory.name}')
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = self._write('authority', self._sign(
            self._name, self._key.public_key(),
            x509.BasicConstraints(ca=True, path_length=None)))

    def certify(self, name: str) -> pathlib.Path:
        """A certificate of the loopback address, with its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(
            _name(name), key.public_key(), x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address(ADDRESS))]))
        return self._write(name, certificate, key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePublicKey,
              extension: x509.ExtensionType) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        return x509.CertificateBuilder(
            issuer_name=self._name, subject_name=subject, public_key=key,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - _LIVES, not_valid_after=now + _LIVES,
        ).add_extension(extension, critical=True).sign(
            self._key, hashes.SHA256())

    def _write(self, name: str, certificate: x509.Certificate,
               key: bytes = b'') -> pathlib.Path:
        file = self._directory / f'{name}.pem'
        file.write_bytes(certificate.public_bytes(
            serialization.Encoding.PEM) + key)
        return file
