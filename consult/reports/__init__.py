"""The summary report: who came, what was on the agenda, what was received, what happens next."""
