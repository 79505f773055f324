"""What the GPT is trained on: small synthetic tasks, and text."""

from ideas_lib.gpt.tasks.base import IGNORE, Task, accuracy
from ideas_lib.gpt.tasks.copying import SelectiveCopy
from ideas_lib.gpt.tasks.counting import Counting
from ideas_lib.gpt.tasks.cycle import CopyAndMap
from ideas_lib.gpt.tasks.hops import Hops
from ideas_lib.gpt.tasks.language import Text
from ideas_lib.gpt.tasks.last_different import LastDifferent
from ideas_lib.gpt.tasks.mqar import MQAR
from ideas_lib.gpt.tasks.trigger import Trigger

__all__ = [
    "IGNORE",
    "MQAR",
    "CopyAndMap",
    "Counting",
    "Hops",
    "LastDifferent",
    "SelectiveCopy",
    "Task",
    "Text",
    "Trigger",
    "accuracy",
]
