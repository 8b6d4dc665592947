"""Lists that change seldom: countries and their regions, stakeholder categories, recognitions, sections, themes."""
