"""What every test stands on: no endpoint, no key, no display, the same examples each time."""

import os

import hypothesis

for name in [name for name in os.environ if name.startswith("OPENAI_")]:
    del os.environ[name]
os.environ.pop("IDEAS_ROOT", None)
os.environ["MPLBACKEND"] = "agg"

hypothesis.settings.register_profile("book", derandomize=True, deadline=None)
hypothesis.settings.load_profile("book")
