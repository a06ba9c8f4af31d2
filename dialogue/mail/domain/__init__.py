"""What DNS says of the domains that mail leaves from and answers come to, and what receivers make of it."""
