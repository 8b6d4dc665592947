"""Pages about written input."""
