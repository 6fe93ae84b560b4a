"""What articles say in a few points, each with a footnote: one article, or several on a topic."""
