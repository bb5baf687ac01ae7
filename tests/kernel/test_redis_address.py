"""What a redis:// URL may say, and that no fault repeats any of it."""

import pytest

from netscript_kernel.kv.redis_address import RedisAddress, read_redis_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://127.0.0.1", RedisAddress("127.0.0.1")),
        ("redis://Cache.Acme.Example/", RedisAddress("cache.acme.example")),
        ("redis://redis_1:6380/15", RedisAddress("redis_1", 6380, 15)),
        ("redis://[2001:db8::7]:6380", RedisAddress("2001:db8::7", 6380)),
        ("REDISS://host", RedisAddress("host", is_encrypted=True)),
        ("redis://:hunter2@host", RedisAddress("host", password="hunter2")),
        ("redis://acme:hunter2@host", RedisAddress("host", username="acme", password="hunter2")),
        ("redis://a%40b:%2F%3F%23%25+%C3%A9@host", RedisAddress("host", username="a@b", password="/?#%+é")),
        ("redis://:p@ss:word@host", RedisAddress("host", password="p@ss:word")),
        ("redis://host?prefix=acme:auth_2.x", RedisAddress("host", prefix="acme:auth_2.x")),
    ],
)
def test_a_url_says_where_the_server_is_and_how_to_speak_to_it(url: str, address: RedisAddress) -> None:
    assert read_redis_address(url) == address


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+sentinel://hunter2@host", "names no Redis server"),
        ("unix:///hunter2.sock", "names no Redis server"),
        ("redis://[hunter2", "is no URL"),
        ("redis://", "names no host"),
        ("redis:///0", "names no host"),
        ("redis://:hunter2@", "names no host"),
        ("redis://:hun/ter2@host", "names no host"),
        ("redis://:hun?ter2@host", "names no host"),
        ("redis://a,hunter2", "names no host"),
        ("redis://hunter2 host", "names no host"),
        ("redis://.hunter2", "names no host"),
        ("redis://:hun#ter2@host", "%23"),
        ("redis://host/0#hunter2", "%23"),
        ("redis://default:hunter2", "has a port"),
        ("redis://:hunter2@host:0", "has a port"),
        ("redis://:hunter2@host:65536", "has a port"),
        ("redis://hunter2@host", "without a password"),
        ("redis://hunter2:@host", "without a password"),
        ("redis://:hunter2%@host", "%25"),
        ("redis://:hunter2%zz@host", "%25"),
        ("redis://:hunter2%ff@host", "UTF-8"),
        ("redis://:hunter2@host/auth", "number of a database"),
        ("redis://:hunter2@host/-1", "number of a database"),
        ("redis://:hunter2@host/0/1", "number of a database"),
        ("redis://host?db=hunter2", "only option"),
        ("redis://host?password=hunter2", "only option"),
        ("redis://host?prefix=", "only option"),
        ("redis://host?prefix={hunter2}", "only option"),
        ("redis://host?prefix=a&prefix=hunter2", "only option"),
        ("rediss://host?ssl_cert_reqs=none", "only option"),
    ],
)
def test_what_is_not_understood_is_refused_without_being_repeated(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        read_redis_address(url)

    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert "hunter2" not in told
    assert "hun" not in told


@pytest.mark.parametrize(
    ("url", "in_clear"),
    [
        ("redis://localhost", False),
        ("redis://127.9.9.9", False),
        ("redis://[::1]", False),
        ("redis://cache.acme.localhost", False),
        ("redis://10.0.0.7", True),
        ("redis://redis", True),
        ("redis://localhost.acme.example", True),
        ("rediss://redis", False),
    ],
)
def test_what_leaves_this_machine_without_tls_is_in_clear(url: str, in_clear: bool) -> None:
    assert read_redis_address(url).is_in_clear is in_clear


def test_an_address_in_a_log_shows_neither_user_nor_password() -> None:
    address = read_redis_address("redis://hunter1:hunter2@host")

    assert "hunter" not in repr(address)
    assert address.place == "host:6379"
    assert read_redis_address("redis://[::1]").place == "[::1]:6379"
