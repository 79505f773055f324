"""What the GPT is trained on: small synthetic tasks, and text."""

from ideas_lib.gpt.tasks.base import IGNORE, Task, accuracy
from ideas_lib.gpt.tasks.synthetic import MQAR, Counting, SelectiveCopy, Trigger

__all__ = ["IGNORE", "MQAR", "Counting", "SelectiveCopy", "Task", "Trigger", "accuracy"]
