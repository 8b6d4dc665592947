"""What a WSGI server loads."""

import os

from consult import create_app

os.umask(0o077)  # what the application writes (database, files, mails, broker) is read by its own account only
app = create_app()
