"""The player: the process that executes a student's Python, in a jail, and asks the referee for all it does.

It gets these modules and a few of hartlab's as code (`casting`), and sees no file of hartlab.
"""
