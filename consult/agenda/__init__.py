"""Sessions, who speaks in them, and the numbered revisions in which the agenda is published."""
