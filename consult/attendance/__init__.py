"""Who came: check-in at the door, reports of meeting platforms, and the figures compiled from both."""
