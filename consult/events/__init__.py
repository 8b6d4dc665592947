"""Series, events, their days and participant categories, and the team of an event."""
