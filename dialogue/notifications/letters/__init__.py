"""What each mail says: one small function a mail, beside its folder under templates/emails."""
