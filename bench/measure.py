"""Runs a command and prints, as JSON, its exit status, its wall time and the peak memory of its largest process."""

import json
import resource
import subprocess
import sys
import time

log, *command = sys.argv[1:]
with open(log, "wb") as output:
    start = time.monotonic()
    status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode
    seconds = time.monotonic() - start
peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"status": status, "seconds": seconds, "peakBytes": peak_kib * 1024}))
