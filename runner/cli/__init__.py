"""The command line: thin commands that parse, call the agent or read the store, and print.

One module a command or family, imported only when it is called: ``table`` lists them, ``main`` is the way in and the
one place where an exception becomes an exit code.
"""
