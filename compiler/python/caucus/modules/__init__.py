"""Library modules of the language, one a file."""
