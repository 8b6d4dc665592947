"""Registrations, places, the waiting list, badges."""
