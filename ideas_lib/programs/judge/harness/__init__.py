"""What `judge` puts into its two sandboxes: the candidate's side and the tests' side.

They exchange lines of text that hold plain data, never objects. Standard library only.
"""
