"""How seconds are counted."""

import time

# Others' work on the same cores does not count in processor time. It is that of all threads: use it with a single one.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
