"""The verbs of attendance: the door, reports of platforms, codes shown in the room, summaries."""
