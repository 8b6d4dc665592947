"""Pages that show many domains."""
