"""What was found for a question, weighed: candidate sentences, their scores, and whether any of them answers."""
