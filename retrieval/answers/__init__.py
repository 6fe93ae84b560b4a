"""What happens to a question: evidence, readers, the check of every citation, the answer."""
