"""The verbs of organisations: their profiles, people, recognitions, and duplicates."""
