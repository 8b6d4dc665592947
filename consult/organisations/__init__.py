"""Organisations, the people who speak for them, and the recognitions they hold."""
