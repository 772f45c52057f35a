"""Runs one command and prints its exit code, seconds, seconds of CPU and bytes of memory at its peak.

This is a separate process, because Linux counts the memory of the process that starts a program towards the peak of
that program: this process is so small (about 5 MB) that it makes no difference.
Usage: python3 -I -S stopwatch.py COMMAND [ARGUMENT ...]
"""

import os
import sys
import time


def start(command):
    process = os.fork()
    if process == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    return process


def main(command):
    began = time.perf_counter()
    _, status, usage = os.wait4(start(command), 0)
    wall = time.perf_counter() - began
    print(os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


main(sys.argv[1:])
