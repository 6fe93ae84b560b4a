"""Do articles give answers that exclude each other? Sides, what they give to a question, and what tells them apart."""
