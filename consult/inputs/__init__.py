"""Calls for written input, and what people wrote."""
