"""The measures must measure, and the gate must close."""

from __future__ import annotations

import pytest

from evals.golden import Outcome, fallen, figures
from evals.measures import auroc, holds, interval, mean, ndcg, reciprocal_rank


def test_ndcg_is_one_for_the_ideal_order_and_less_for_any_other() -> None:
    gains = {"a": 4.0, "b": 2.0, "c": 1.0}
    assert ndcg(["a", "b", "c"], gains) == pytest.approx(1.0)
    assert ndcg(["c", "b", "a"], gains) < ndcg(["b", "a", "c"], gains) < 1.0
    assert ndcg(["x"], gains) == 0.0


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.5, 0.5], [0.5]) == 0.5
    assert auroc([0.3, 0.9], [0.5]) == 0.5
    assert auroc([0.1], [0.9]) == 0.0


def test_a_quote_is_found_across_quotation_marks_and_white_space_and_when_its_larger_part_is_there() -> None:
    assert holds("He said:\n“It is   done.”", 'he said: "it is done."')
    words = "one two three four five six seven eight nine ten"
    assert holds("xx one two three four five six yy", words)
    assert not holds("one two three yy", words)


def test_reciprocal_rank_and_intervals() -> None:
    assert reciprocal_rank([False, True, True]) == 0.5
    assert reciprocal_rank([False] * 20) == 0.0
    values = [0.0, 1.0] * 50
    assert interval(values) == interval(values)
    low, high = interval(values)
    assert low < mean(values) < high


def outcomes(right: int, of: int = 10) -> list[Outcome]:
    return [Outcome("q", "fact", True, n < right, n < right, n < right, n < right, True, "answered") for n in range(of)]


def test_the_gate_closes_when_more_than_one_question_is_lost() -> None:
    baseline = figures(outcomes(9))
    assert fallen(figures(outcomes(9)), baseline) == []
    assert fallen(figures(outcomes(8)), baseline) == []
    assert "status right fell from 9 to 7 of 10." in fallen(figures(outcomes(7)), baseline)
