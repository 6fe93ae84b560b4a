"""What the evidence gate sees beyond the words themselves."""

from __future__ import annotations

from retrieval.answers.nearness import asked_words
from retrieval.answers.question import parse_question
from retrieval.answers.scoring import Candidate, ScoredPassage, answer_features, answerability
from retrieval.answers.words import analyse
from retrieval.articles import Standalone
from retrieval.index.embedder import MiniLMEmbeddings

QUESTION = "When was the company founded?"


async def test_a_word_of_a_question_is_nearer_to_its_synonym_than_to_other_words(embeddings: MiniLMEmbeddings) -> None:
    texts = [QUESTION, "The firm was established in 1931.", "The river froze in 1931.", "They founded it in 1931.", ""]
    question, synonym, other, same, nothing = await embeddings.aembed_pieces(texts)
    asked = asked_words(["found", "compani"], [(QUESTION, question)])
    assert asked.near(same)["found"] > asked.near(synonym)["found"] > asked.near(other)["found"]
    assert asked.near(nothing) == {}
    assert asked_words(["missing"], [(QUESTION, question)]).near(same) == {}


async def test_vectors_with_pieces_are_the_same_and_the_pieces_cover_the_text(embeddings: MiniLMEmbeddings) -> None:
    (pieces,) = await embeddings.aembed_pieces([QUESTION])
    assert pieces.whole.tolist() == await embeddings.aembed_query(QUESTION)
    assert len(pieces.spans) == len(pieces.pieces)
    assert "".join(QUESTION[start:end] for start, end in pieces.spans) == QUESTION.replace(" ", "")


def test_the_opposite_of_what_is_asked_is_less_of_an_answer() -> None:
    passage = ScoredPassage(frozenset(), (analyse("The mayor of Narvik opened the new bridge in May."),), 0.5)

    def likely(asked: str) -> float:
        question = parse_question(Standalone(asked), {}, 10)
        return answerability(question, answer_features(question, [passage], passage, Candidate(0, 0.6), {}))

    assert likely("Who opened the new bridge?") > likely("Who closed the new bridge?")
    assert likely("Who opened the new bridge?") > likely("Who did not open the new bridge?")
    assert likely("Who opened the new bridge in May?") > likely("Who opened 40 new bridges in May?")
    assert likely("Who opened the new bridge of Narvik?") > likely("Who opened the new bridge of Bergen?")
