"""Invitations: whom they go to, how far they have come, what people answered."""
