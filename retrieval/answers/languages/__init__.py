"""Other languages than English: which one a text is in, what is said of it, and answers translated."""
