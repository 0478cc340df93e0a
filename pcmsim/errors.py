"""The one exception a user is meant to see."""


class UserError(Exception):
    """Something the user can put right: says what, where, and what would be allowed.

    The command line prints the message and ends with status 2; in Python it is raised as it is.
    """
