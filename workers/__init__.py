"""What is done in the background: one file per noun; a task opens a transaction and calls one service.

A task takes ids and ISO dates, may run twice, and is healed by a sweeper if it never ran.
"""
