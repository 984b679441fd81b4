"""The clocks of the benchmarks."""

import time

# Processor time excludes other programs on the same cores. It is the sum over all threads of this
# process: use it with one thread only.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
