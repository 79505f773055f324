"""Two templates to change: one asks for a program, one for an answer."""

SUM = """
title: Sums
prompt: "{{ who }} has {{ a }} and {{ b }}. Write `total()`."
parameters:
  who: {type: choice, of: [Ada, Ben]}
  a: {type: int, from: 2, to: 9}
  b: {type: int, from: 2, to: 9}
starter: |
  def total():
      return None
solution: |
  def total():
      return {{ a }} + {{ b }}
calls: [total()]
"""
PRODUCT = """
title: Areas
subject: answer
prompt: "A field of {{ a }} by {{ b }}. How large is it?"
parameters:
  a: {type: int, from: 2, to: 9}
  b: {type: int, from: 2, to: 9}
answer: a * b
wrong:
  - {why: added instead, answer: a + b}
"""
