import orjson
from hypothesis import given
from hypothesis import strategies as st

from hub.model.entity import Golden
from hub.model.link import NOTHING, Claim, Standing, Stands
from hub.model.values import MISSING
from hub.store.codec import decode_claims, decode_golden, encode_claims, encode_golden

INTS = st.integers(-(2**53), 2**53)
SMALL = st.integers(0, 3)
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-1, 1) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=2) | st.dictionaries(st.text(max_size=2), v, max_size=2), max_leaves=4
)
HELD = st.just(MISSING) | VALUES
STANDS = st.just(NOTHING) | st.builds(Stands, SMALL, SMALL | INTS)
CLAIMS = st.builds(
    Claim,
    HELD,
    st.none() | SMALL | INTS,
    SMALL | INTS,
    HELD,
    SMALL | INTS,
    st.sampled_from(Standing),
    SMALL | INTS,
    STANDS,
    SMALL,
    SMALL,
    SMALL,
    SMALL | INTS,
)
PATHS = st.text(max_size=4)


def exact(value: object) -> bytes:
    """True is not 1 and 0.0 is not 0 here."""
    return orjson.dumps(value, default=repr)


@given(st.dictionaries(PATHS, CLAIMS, max_size=8), st.none() | SMALL | INTS)
def test_claims_come_back_as_they_were(claims: dict[str, Claim], version: int | None) -> None:
    back = decode_claims(encode_claims(claims, version), version)
    assert back == claims
    assert list(back) == list(claims)
    assert exact(list(back.values())) == exact(list(claims.values()))
    assert all(type(c.standing) is Standing and type(c.stands) is Stands for c in back.values())


@given(st.dictionaries(PATHS, CLAIMS, max_size=8), st.none() | SMALL)
def test_encoding_again_gives_the_same_bytes(claims: dict[str, Claim], version: int | None) -> None:
    data = encode_claims(claims, version)
    assert encode_claims(decode_claims(data, version), version) == data


def test_claims_that_differ_in_value_only_share_one_header() -> None:
    claims = {name: Claim(name, 7, 3, name, 9) for name in ("given_name", "family_name", "email")}
    assert encode_claims(claims, 7) == b'[[8,3,9],{"given_name":"given_name","family_name":"family_name","email":"email"}]'


GOLDEN = st.builds(Golden, VALUES, INTS, SMALL | INTS, SMALL | INTS, st.sampled_from(Standing))


@given(st.dictionaries(PATHS, GOLDEN, max_size=8))
def test_golden_values_come_back_as_they_were(golden: dict[str, Golden]) -> None:
    back = decode_golden(encode_golden(golden))
    assert back == golden
    assert list(back) == list(golden)
    assert exact(list(back.values())) == exact(list(golden.values()))
