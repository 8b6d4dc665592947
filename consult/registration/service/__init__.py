"""The verbs of registration: places and the waiting list, registering, deciding, people, passports, follow-up forms."""
