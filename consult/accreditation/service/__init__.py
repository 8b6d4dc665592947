"""The verbs of accreditation: processes, applications, reviews, circulations."""
