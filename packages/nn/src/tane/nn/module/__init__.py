"""What a module is, one aspect a file."""
