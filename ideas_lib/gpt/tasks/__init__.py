"""What the GPT is trained on: small synthetic tasks, and text."""

from ideas_lib.gpt.tasks.base import IGNORE, Task, accuracy
from ideas_lib.gpt.tasks.copying import SelectiveCopy
from ideas_lib.gpt.tasks.counting import Counting
from ideas_lib.gpt.tasks.language import Text
from ideas_lib.gpt.tasks.mqar import MQAR
from ideas_lib.gpt.tasks.trigger import Trigger

__all__ = ["IGNORE", "MQAR", "Counting", "SelectiveCopy", "Task", "Text", "Trigger", "accuracy"]
