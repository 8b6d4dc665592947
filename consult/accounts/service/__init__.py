"""What is done with accounts: who they are, their mailed links, addresses, devices, and wrong guesses."""
