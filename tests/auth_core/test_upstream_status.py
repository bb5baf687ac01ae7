"""What is told of several upstreams."""

from itertools import combinations

from netscript_auth_core.ports import UpstreamStatus

DONE, PENDING, REFUSED, UNSUPPORTED = UpstreamStatus


def test_of_several_the_least_good_one_is_told() -> None:
    best_first = [DONE, UNSUPPORTED, REFUSED, PENDING]

    told = [UpstreamStatus.worst(pair) for pair in combinations(best_first, 2)]

    assert told == [worse for _, worse in combinations(best_first, 2)]


def test_of_none_nothing_is_told() -> None:
    assert UpstreamStatus.worst([]) is None
    assert UpstreamStatus.worst([None]) is None
    assert UpstreamStatus.worst([None, DONE]) is DONE
