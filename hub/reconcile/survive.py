"""Survivorship: which own value becomes golden. A pure function of all own values, the policy and the override."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.config import Policy, PolicyKind
from hub.mapping.ground import Ground
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.link import Claim, Link, Standing
from hub.model.run import Mode
from hub.model.values import MISSING, Micros, Value

WITHDRAWN = "withdrawn"


@dataclass(slots=True)
class Voter:
    """A link whose own values vote, with what all its votes share. `rank`: its connection's; `departed_at` 0 while it lives."""

    link: Link
    rank: int
    departed_at: Micros


@dataclass(slots=True)  # two words, not frozen: there is one per link and path on the hot path
class Candidate:
    """One own value that may win: a claim, and whose it is."""

    voter: Voter
    claim: Claim

    @property
    def value(self) -> Value:
        """Return the value; None where it was cleared."""
        return self.claim.own

    @property
    def stamp(self) -> Micros:
        """Return its stamp."""
        return self.claim.stamp

    @property
    def standing(self) -> Standing:
        """Return whether it is an edit or a seed."""
        return self.claim.standing

    @property
    def base(self) -> Micros:
        """Return the stamp of the golden value it was made on top of."""
        return self.claim.base

    @property
    def rank(self) -> int:
        """Return the seed rank of its connection."""
        return self.voter.rank

    @property
    def link_id(self) -> int:
        """Return the link that states it."""
        return self.voter.link.id

    @property
    def connection(self) -> str:
        """Return the connection that states it."""
        return self.voter.link.connection

    @property
    def external_id(self) -> str:
        """Return the record that states it."""
        return self.voter.link.external_id

    @property
    def departed_at(self) -> Micros:
        """Return when its link or connection ended, 0 while it lives."""
        return self.voter.departed_at

    @property
    def stated_at(self) -> Micros:
        """Return when it was stated: an edit by its stamp, a seed when its record was first met."""
        return self.claim.stamp if self.claim.standing is Standing.EDIT else self.voter.link.linked_at


def voters(known: Known, ground: Ground, links: Iterable[Link]) -> list[Voter]:
    """Return the links that vote: none of a connection that is only observed (Rule 6.15)."""
    ranks = ground.ranks
    return [
        Voter(link, ranks.get(link.connection, len(ranks)), link.ended_at or (0 if link.connection in ranks else 1))
        for link in links
        if known.modes.get(link.connection) is not Mode.OBSERVE
    ]


def votes(of: Iterable[Voter], path: str) -> list[Candidate]:
    """Return the votes for one field path. Only own values vote; what a split took back counts where nobody says anything."""
    found: list[Candidate] = []
    taken_back: list[Candidate] = []
    for voter in of:
        claim = voter.link.claims.get(path)
        if claim is None or claim.own is MISSING:
            continue  # Rule 2.9: a value we wrote somewhere is a copy and never votes
        is_back = claim.own is None and claim.standing is Standing.SEED  # Rule 2.41
        (taken_back if is_back else found).append(Candidate(voter, claim))
    return found or taken_back


def candidates(known: Known, ground: Ground, links: Iterable[Link], path: str) -> list[Candidate]:
    """Return the votes of these links for one field path."""
    return votes(voters(known, ground, links), path)


def survive(votes: Sequence[Candidate], policy: Policy) -> Candidate | None:
    """Return the winner; None where nobody stated anything, or a person is to be asked."""
    if len(votes) < 2:
        return votes[0] if votes else None
    departed = [vote for vote in votes if vote.voter.departed_at]
    if policy.kind is PolicyKind.ASK:
        return _agreed([vote for vote in votes if not vote.departed_at] or departed)
    if not departed:
        return _best(votes, policy)
    living = [vote for vote in votes if not vote.departed_at]
    if policy.kind in (PolicyKind.OWNER, PolicyKind.PREFER) and living:  # Rule 2.34: they skip what is departed
        return _best(living, policy)
    if not living:
        return _best(departed, policy)
    alive, gone = _best(living, policy), _best(departed, policy)
    if alive.stated_at > gone.departed_at:  # Rule 2.10: departed values lose to anything stated after the departure
        return alive
    return _best([alive, gone], policy)


def _best(votes: Sequence[Candidate], policy: Policy) -> Candidate:
    if policy.kind is PolicyKind.NEWEST:  # most fields; first, for the hot path
        return max(votes, key=weigh)
    if policy.kind is PolicyKind.MOST_RESTRICTIVE:
        return _most_restrictive(votes)
    if policy.kind in (PolicyKind.OWNER, PolicyKind.PREFER):
        order = {name: position for position, name in enumerate(policy.order)}  # Rule 2.33: their rank comes first
        return max(votes, key=lambda vote: (-order.get(vote.connection, len(order)), *weigh(vote)))
    if policy.kind is PolicyKind.ORIGIN:  # Rule 2.35
        return max(votes, key=lambda vote: (-vote.link_id, *weigh(vote)))
    return max(votes, key=weigh)


def _agreed(votes: Sequence[Candidate]) -> Candidate | None:
    """Return the first to state what all state; None where they differ: nobody is chosen until they agree or a person pins it."""
    first = min(votes, key=weigh)
    return first if all(vote.value == first.value for vote in votes) else None  # Rule 2.36


def weigh(vote: Candidate) -> tuple[int, int, int, str, str, int]:
    """Order two votes of one rank: any edit beats any seed; edits by stamp, seeds by rank first, then the source's own time."""
    claim, voter = vote.claim, vote.voter
    if claim.standing is Standing.EDIT:  # Rule 2.23: before any seed; Rule 2.6: (stamp, rank, connection, external id)
        return (1, claim.stamp, -voter.rank, voter.link.connection, voter.link.external_id, 0)
    return (0, -voter.rank, claim.stamp, "", "", -voter.link.id)  # Rule 2.8


def _most_restrictive(votes: Sequence[Candidate]) -> Candidate:
    newest = max(votes, key=weigh)
    if newest.value == WITHDRAWN:
        return newest
    unseen = [
        vote
        for vote in votes
        if vote.value == WITHDRAWN
        and (newest.standing is Standing.SEED or (vote.standing is Standing.EDIT and vote.stamp > newest.base))
    ]
    return max(unseen, key=weigh) if unseen else newest  # Rule 2.11: a withdrawal beats a grant that did not see it


def differs(entity: Entity, path: str, winner: Candidate) -> bool:
    """Say whether the winner changes the golden value."""
    golden = entity.golden.get(path)
    return golden is None or golden.value != winner.value
