"""Messages waiting to leave, and their delivery."""
