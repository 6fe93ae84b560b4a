"""The way in: bytes from somewhere become article drafts."""
