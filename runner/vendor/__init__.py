"""Modules fetched into the control repository: what a Puppetfile names stands beside it, with a lock file.

Nodes pull one repository; nothing else is fetched while a node compiles. Who commits the result vouches for it.
"""
