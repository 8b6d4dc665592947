"""Pages about registrations."""
