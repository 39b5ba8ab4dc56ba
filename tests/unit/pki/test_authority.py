"""A certificate authority in a folder."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store

from controller.cli.pki import pki
from controller.errors import ConfigurationError
from controller.pki import Authority, Identity, Role
from controller.pki.folder import certificate_file, keep, key_file

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BROKER = Identity(Role.BROKER, "broker", ("broker.example", "10.0.0.5"))
LAMP = Identity(Role.LUMINAIRE, "L-1")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path / "pki", "beijing", NOW)


def certificate(authority: Authority, identity: Identity) -> x509.Certificate:
    return x509.load_pem_x509_certificate(next(authority.issue([identity], NOW)).certificate)


def test_a_server_is_verified_by_its_names(authority: Authority) -> None:
    leaf = certificate(authority, BROKER)
    policy = PolicyBuilder().store(Store([authority.certificate])).time(NOW)
    chain = policy.build_server_verifier(x509.DNSName("broker.example")).verify(leaf, [])
    assert chain == [leaf, authority.certificate]
    with pytest.raises(x509.verification.VerificationError):
        policy.build_server_verifier(x509.DNSName("elsewhere.example")).verify(leaf, [])


def test_a_client_is_verified_until_its_end(authority: Authority) -> None:
    leaf = certificate(authority, LAMP)
    policy = PolicyBuilder().store(Store([authority.certificate]))
    client = policy.time(NOW + timedelta(days=1824)).build_client_verifier().verify(leaf, [])
    assert client.chain == [leaf, authority.certificate]
    late = policy.time(NOW + timedelta(days=1826)).build_client_verifier()
    with pytest.raises(x509.verification.VerificationError):
        late.verify(leaf, [])


def test_a_late_clock_is_let_in(authority: Authority) -> None:
    assert certificate(authority, LAMP).not_valid_before_utc <= NOW - timedelta(hours=23)


def test_no_certificate_outlives_its_authority(authority: Authority) -> None:
    handed = next(authority.issue([LAMP], NOW + timedelta(days=7000)))
    assert handed.issued.not_after == authority.certificate.not_valid_after_utc


def test_an_authority_that_is_over_issues_nothing(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match="is over since 2046"):
        list(authority.issue([LAMP], NOW + timedelta(days=7301)))


def test_there_is_one_authority_in_a_folder(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match="holds a certificate authority already"):
        Authority.create(authority.folder, "beijing", NOW)


def test_secrets_are_for_their_owner_only(authority: Authority) -> None:
    keep(authority.folder, next(authority.issue([LAMP], NOW)))
    for path in (authority.folder / "ca.key", key_file(authority.folder, LAMP.role, LAMP.name)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700


def test_a_passphrase_is_needed_and_checked(tmp_path: Path) -> None:
    Authority.create(tmp_path, "beijing", NOW, passphrase=b"lantern")
    assert Authority.open(tmp_path, passphrase=b"lantern").site == "beijing"
    with pytest.raises(ConfigurationError, match="needs its passphrase"):
        Authority.open(tmp_path)
    with pytest.raises(ConfigurationError, match="a wrong passphrase, or a damaged file"):
        Authority.open(tmp_path, passphrase=b"candle")
    assert b"lantern" not in (tmp_path / "ca.key").read_bytes()


def test_a_passphrase_too_many_is_said(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match="has no passphrase"):
        Authority.open(authority.folder, passphrase=b"lantern")


def test_a_folder_without_an_authority_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="lamplighter pki init"):
        Authority.open(tmp_path)
    with pytest.raises(ConfigurationError, match="lamplighter pki init"):
        Authority.issued_in(tmp_path)


def test_a_key_of_another_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    other = Authority.create(tmp_path / "other", "beijing", NOW)
    (authority.folder / "ca.key").write_bytes((other.folder / "ca.key").read_bytes())
    with pytest.raises(ConfigurationError, match="does not belong to"):
        Authority.open(authority.folder)


def test_what_was_issued_is_remembered_and_revoked(authority: Authority) -> None:
    first, second = authority.issue([LAMP, Identity(Role.LUMINAIRE, "L-2")], NOW)
    authority.revoke([first.issued.serial], NOW)
    again = Authority.open(authority.folder)
    assert [one.is_valid(NOW) for one in again.issued()] == [False, True]
    crl = x509.load_pem_x509_crl((authority.folder / "revoked.crl").read_bytes())
    assert crl.is_signature_valid(authority.certificate.public_key())  # type: ignore[arg-type]  # an EC key
    assert crl.get_revoked_certificate_by_serial_number(first.issued.serial) is not None
    assert crl.get_revoked_certificate_by_serial_number(second.issued.serial) is None
    assert crl.next_update_utc == authority.certificate.not_valid_after_utc
    with pytest.raises(ConfigurationError, match="revoked already"):
        again.revoke([first.issued.serial], NOW)
    with pytest.raises(ConfigurationError, match="was never issued"):
        again.revoke([12345], NOW)


def test_a_register_cut_off_by_a_crash_goes_on(authority: Authority) -> None:
    list(authority.issue([LAMP], NOW))
    register = authority.folder / "register.jsonl"
    whole = register.read_bytes()
    register.write_bytes(whole + b'{"what":"issued","ser')
    assert len(authority.issued()) == 1
    list(authority.issue([Identity(Role.LUMINAIRE, "L-2")], NOW))
    assert [one.name for one in authority.issued()] == ["L-1", "L-2"]


def test_a_damaged_register_is_named_by_its_line(authority: Authority) -> None:
    (authority.folder / "register.jsonl").write_text('{"what":"issued","serial":"1","at":0}\n')
    with pytest.raises(ConfigurationError, match="line 1: it names no role"):
        authority.issued()


def test_one_name_has_one_role(authority: Authority) -> None:
    list(authority.issue([Identity(Role.CONTROLLER, "controller")], NOW))
    with pytest.raises(ConfigurationError, match="'controller' is the name of a controller"):
        list(authority.issue([Identity(Role.SENSOR, "controller")], NOW))
    both = [Identity(Role.SENSOR, "x"), Identity(Role.GATEWAY, "x")]
    with pytest.raises(ConfigurationError, match="a gateway needs another one"):
        list(authority.issue(both, NOW))


def request(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, name: str = "root") -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return asked.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_a_request_gives_a_key_but_no_name(authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    handed = authority.sign_request(LAMP, request(key, "controller"), NOW)
    leaf = x509.load_pem_x509_certificate(handed.certificate)
    assert leaf.public_key() == key.public_key()
    assert leaf.subject == LAMP.subject
    keep(authority.folder, handed)
    assert certificate_file(authority.folder, LAMP.role, LAMP.name).exists()
    assert not key_file(authority.folder, LAMP.role, LAMP.name).exists()


def test_a_bad_request_is_refused(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match="no PEM PKCS #10"):
        authority.sign_request(LAMP, b"hello", NOW)
    with pytest.raises(ConfigurationError, match="P-256 or a larger curve"):
        authority.sign_request(LAMP, request(rsa.generate_private_key(65537, 2048)), NOW)
    with pytest.raises(ConfigurationError, match="P-256 or a larger curve"):
        authority.sign_request(LAMP, request(ec.generate_private_key(ec.SECP192R1())), NOW)


@pytest.mark.parametrize("name", ["", "a/b", "L 1", "x" * 65, "L+1", "灯"])
def test_a_name_that_no_topic_can_hold_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="a name is 1 to 64"):
        Identity(Role.LUMINAIRE, name)


def test_servers_have_hosts_and_clients_none() -> None:
    with pytest.raises(ConfigurationError, match="needs the host names"):
        Identity(Role.BROKER, "broker")
    with pytest.raises(ConfigurationError, match="only a broker and a console"):
        Identity(Role.SENSOR, "s", ("host",))
    with pytest.raises(ConfigurationError, match="neither a host name nor an address"):
        Identity(Role.CONSOLE, "c", ("not a host",)).alternative_names("beijing")


def test_a_long_identifier_of_a_city_has_an_authority(tmp_path: Path) -> None:
    made = Authority.create(tmp_path, "a" * 64, NOW)
    assert certificate(made, LAMP).issuer == made.certificate.subject


@pytest.mark.parametrize("site", ["", "a b", "../x", "a" * 65, "a\n"])
def test_a_site_that_is_no_identifier_is_refused(tmp_path: Path, site: str) -> None:
    with pytest.raises(ConfigurationError, match="identifier of a city is"):
        Authority.create(tmp_path / "pki", site, NOW)
    assert not (tmp_path / "pki").exists()


def test_who_is_revoked_twice_is_on_the_list_even_where_it_was_lost(authority: Authority) -> None:
    next(authority.issue([LAMP], datetime.now(UTC)))
    words = ["revoke", LAMP.name, "--pki", str(authority.folder)]
    assert CliRunner().invoke(pki, words).exit_code == 0
    crl = authority.folder / "revoked.crl"
    crl.unlink()
    again = CliRunner().invoke(pki, words)
    assert "revoked already" in str(again.exception)
    assert len(x509.load_pem_x509_crl(crl.read_bytes())) == 1


def test_a_clock_set_back_is_named(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match=r"says 2016-11-24 .* began, 2026-11-21: set"):
        next(authority.issue([Identity(Role.LUMINAIRE, "L1")], NOW - timedelta(days=3650)))
