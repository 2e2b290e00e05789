import subprocess
import sys

#: Sockets among the open files, and threads, of a process that has read what its workers are to share.
LOOKS = """
import os, stat, threading
import shopwright.serve

def is_open(number):
    try:
        return os.fstat(number) is not None
    except OSError:
        return False

files = [stat.S_ISSOCK(os.fstat(number).st_mode) for number in range(100) if is_open(number)]
print(threading.active_count(), sum(files))
"""


def test_what_is_read_before_workers_are_made_starts_no_thread_and_opens_no_connection() -> None:
    looked = subprocess.run([sys.executable, "-c", LOOKS], capture_output=True, text=True, check=True)
    assert looked.stdout.split() == ["1", "0"]
