"""What makes passages findable: splitting, embedding, the SQL database, vectors and words."""
