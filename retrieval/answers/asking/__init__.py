"""What a message asks: talk, facts of the library, follow-ups, several questions, times and sources, overviews."""
