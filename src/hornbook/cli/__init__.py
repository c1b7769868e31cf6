"""The command line: one file and one function for each command.

The function's signature is its command line, and its docstring is its help.

`main` only registers them, `arguments` turns a signature into a parser, `terminal` prints names from anywhere
safely. Everything slow is imported inside the functions, so that ``hornbook --help`` and ``hornbook predict``
start at once.
"""
