"""Who somebody in a report was: by address, by name, by a name that is very like one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from consult.addresses import canonical
from consult.attendance.models import Match
from consult.organisations.queries import name_key

SURE, LIKELY = 92, 70  # likeness of names, out of 100: one and no other above SURE is that person
MOST = 400  # people compared for one name; a word that more have in common tells too little


@dataclass(frozen=True)
class Found:
    match: Match
    registration_id: int | None = None
    score: int = 0


class Matcher:
    """Knows everybody who is confirmed: (number, address, name as it is compared)."""

    def __init__(self, known: Sequence[tuple[int, str, str]]) -> None:
        self._names = {number: name for number, _email, name in known}
        self._by_email = {canonical(email): number for number, email, _name in known if email}
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, _email, name in known:
            self._by_name[name].append(number)
            for word in set(name.split()):
                self._by_word[word[:3]].append(number)

    def find(self, name: str, email: str) -> Found:
        """The address tells; else a name that one person has; else one that is very like and no other is."""
        if number := self._by_email.get(email):
            return Found(Match.ADDRESS, number, 100)
        key = name_key(name)
        same = self._by_name.get(key, [])
        if len(same) == 1:
            return Found(Match.NAME, same[0], 100)
        if same:
            return Found(Match.SEVERAL, score=100)
        scores = ((fuzz.token_sort_ratio(key, self._names[each]), each) for each in self._near(key))
        likely = sorted((each for each in scores if each[0] >= LIKELY), reverse=True)
        if not likely:
            return Found(Match.UNKNOWN)
        best, number = likely[0]
        is_only = len(likely) == 1 or likely[1][0] < SURE
        return (
            Found(Match.LIKENESS, number, round(best))
            if best >= SURE and is_only
            else Found(Match.SEVERAL, score=round(best))
        )

    def _near(self, key: str) -> set[int]:
        """Those who have a word in common that begins alike."""
        near: set[int] = set()
        for word in key.split():
            some = self._by_word.get(word[:3], [])
            if len(some) <= MOST or len(near) < MOST:
                near.update(some[: MOST * 5])
        return near
