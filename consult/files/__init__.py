"""Files that people send: checked by content, kept under generated names, served as attachments only."""
