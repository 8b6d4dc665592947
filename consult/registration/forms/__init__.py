"""Forms about registrations: of people, and of the secretariat."""
