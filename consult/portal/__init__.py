"""Pages that show many domains: calendar, event page, my consultations, the workspace's front page, messages."""
