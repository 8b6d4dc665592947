"""How an organisation is admitted to an event: applications, requests for information, decisions."""
