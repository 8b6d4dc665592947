"""What is done with events, and with their teams."""
