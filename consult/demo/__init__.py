"""The demo: four meetings that were held, as facts, and one to come, with people and organisations made up for them."""
