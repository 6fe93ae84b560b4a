"""Who writes an answer from the evidence: the quoting reader, or the chat model."""
