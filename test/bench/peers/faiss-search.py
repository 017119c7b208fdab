"""A contender: FAISS's exact binary indexes over the hashes of a file, one thread. Lines of JSON on standard input and output."""
import hashlib
import json
import sys
import time

import faiss
import numpy as np

task = json.loads(sys.argv[1])
faiss.omp_set_num_threads(1)


LEAST_SECONDS = 2


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


hashes = np.fromfile(task["hashes"], dtype=np.uint8).reshape(-1, 32)
needles = np.fromfile(task["needles"], dtype=np.uint8).reshape(-1, 32)
before = resident()
started = time.perf_counter()
if task["index"] == "flat":
    index = faiss.IndexBinaryFlat(256)
else:
    index = faiss.IndexBinaryMultiHash(256, 11, 23)
    index.nflip = 2
index.add(hashes)
seconds = time.perf_counter() - started
del hashes
print(json.dumps({"buildSeconds": seconds, "bytes": resident() - before}), flush=True)

for line in sys.stdin:
    wanted = json.loads(line)
    some = needles[: wanted["needles"]]
    started = time.perf_counter()
    rounds = 0
    while rounds == 0 or time.perf_counter() - started < LEAST_SECONDS:
        # Strictly below the radius.
        limits, distances, found = index.range_search(some, 32)
        rounds += 1
    seconds = (time.perf_counter() - started) / rounds
    digest = hashlib.sha256()
    for needle in range(len(some)):
        part = slice(int(limits[needle]), int(limits[needle + 1]))
        rows = sorted((int(d), int(i)) for d, i in zip(distances[part], found[part]))
        digest.update(("".join(f"{i} {d};" for d, i in rows) + "\n").encode())
    print(json.dumps({"seconds": seconds, "matches": len(found), "answers": digest.hexdigest()}), flush=True)
