"""What `sandbox` starts as a process of its own: it builds the walls, and watches over them.

`supervise` stays outside and keeps the limits, `inside` sets up the first process within and gives
up every right, `kernel` and `seccomp` are the system calls and the filter they need. Nothing here
is imported by the process that calls `run`, and nothing here imports more than the standard
library: it starts with `python -I -S`, before any package is on the path.
"""
