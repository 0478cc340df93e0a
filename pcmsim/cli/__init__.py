"""The command line: thin shells around what the package can do in Python as well."""
