"""Pages about agendas."""
