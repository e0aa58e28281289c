"""Holds an exclusive lock on a file until its standard input ends: hold-lock.py FILE.

The kernel drops the lock with the process, so a crashed holder leaves nothing behind to clean up; Node has no flock.
The file carries the holder's process id, for messages only.
"""

import fcntl
import os
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; the lock goes when that ends
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("waiting", os.read(file, 32).decode(), flush=True)
    fcntl.flock(file, fcntl.LOCK_EX)
os.ftruncate(file, 0)
os.pwrite(file, str(os.getppid()).encode(), 0)
print("locked", flush=True)
sys.stdin.buffer.read()
