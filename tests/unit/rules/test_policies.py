"""Which own value wins under the policies of config.yaml (section 2, survivorship): one case per rule."""

from __future__ import annotations

from hub.config import Policy, PolicyKind
from hub.model.link import Claim
from hub.model.review import ReviewKind
from tests.unit.rules.stage import Stage

MAIL = "ada@example.org"
CONSENT = "consent.email_marketing"


def two(**policies: Policy) -> Stage:
    """Two systems that tell the time of a change; Ada stands in both, everything read once."""
    stage = Stage({name.replace("__", "."): policy for name, policy in policies.items()})
    for name, external_id in (("shop", "1"), ("till", "7")):
        stage.connection(name, "changed_at")
        stage.meet(name, external_id, changed=900, given_name="Ada", email=MAIL, phone=f"+49{external_id}")
    stage.read_whole("shop", "till")
    stage.wait(60)
    return stage


def test_named_connection_wins_when_preferred_although_another_edit_is_newer() -> None:
    stage = two(phone=Policy(PolicyKind.PREFER, ("till", "shop")))
    stage.see("till", "7", changed=1_010, phone="+4971")
    ada = stage.meet("shop", "1", changed=1_020, phone="+4911")
    assert stage.golden(ada, "phone") == "+4971"


def test_departed_owner_is_skipped_when_somebody_living_has_a_value() -> None:
    stage = two(phone=Policy(PolicyKind.OWNER, ("till",)))
    ada = stage.meet("till", "7", changed=1_010, phone="+4971")
    stage.lose("till", "7")
    assert stage.golden(ada, "phone") == "+491"


def test_first_to_state_it_wins_when_the_origin_decides() -> None:
    stage = two(phone=Policy(PolicyKind.ORIGIN))
    ada = stage.meet("till", "7", changed=1_020, phone="+4971")
    assert stage.golden(ada, "phone") == "+491"


def test_person_is_asked_when_the_policy_says_so() -> None:
    stage = two(phone=Policy(PolicyKind.ASK))
    ada = stage.meet("till", "7", changed=1_020, phone="+4971")
    assert (stage.golden(ada, "phone"), set(stage.asked())) == (None, {ReviewKind.ASK})


def test_withdrawal_wins_when_a_later_grant_did_not_see_it() -> None:
    stage = two()
    stage.see("till", "7", changed=1_010, consent__email_marketing="withdrawn")
    ada = stage.meet("shop", "1", changed=1_020, consent__email_marketing="granted")
    assert stage.golden(ada, CONSENT) == "withdrawn"


def test_copy_that_a_split_took_back_is_no_statement_when_anybody_says_something() -> None:
    stage = Stage({"note": Policy(PolicyKind.OWNER, ("till",))})
    stage.connection("shop")
    stage.connection("till")
    ada = stage.meet("shop", "1", version=1, email="ada@example.org", note="tea")
    stage.meet("till", "7", version=1, email="ada@example.org")
    stage.link("till", "7").claims["note"] = Claim("tea", 1, 2, None, stage.now)
    stage.see("shop", "1", version=2, note="coffee")
    assert stage.golden(ada, "note") == "coffee"
