"""Pages about accreditation."""
