# The compiled reference in `bench fingerprint`: PyPI pdqhash (ThreatExchange's C++), decoding by Pillow, at full size.
# argv: JSON {"files": [...], "warm": n}. Says "ready", waits for a line, then answers with one JSON line.
import json
import resource
import sys
import time

import numpy
import pdqhash
from PIL import Image

Image.MAX_IMAGE_PIXELS = 100_000_000


def fingerprint(file):
    try:
        with Image.open(file) as picture:
            bits, quality = pdqhash.compute(numpy.asarray(picture.convert("RGB")))
    except Exception as error:
        return {"file": file, "error": f"{type(error).__name__}: {error}"}
    return {"file": file, "pdq": numpy.packbits(bits).tobytes().hex(), "quality": int(quality)}


task = json.loads(sys.argv[1])
for file in task["files"][: task["warm"]]:
    fingerprint(file)
print("ready", flush=True)
sys.stdin.readline()
began, cpu_began = time.perf_counter(), time.process_time()
rows = [fingerprint(file) for file in task["files"]]
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "peakMb": peak, "rows": rows}))
