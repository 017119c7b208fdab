"""Names the generator of each file with sd-parsers. Files come as a JSON list on standard input, one JSON line goes out for each."""

import json
import sys
import time

from sd_parsers import Eagerness, ParserManager

# Its most thorough mode, which looks into pixels too.
manager = ParserManager(eagerness=Eagerness.EAGER)
for file in json.load(sys.stdin):
    started = time.perf_counter()
    try:
        found = manager.parse(file)
        name = str(found.generator.value) if found else None
        models = len(found.models) if found else 0
    except Exception as error:  # a tool that stumbles has named nothing
        name, models = None, 0
        print(f"{file}: {type(error).__name__}", file=sys.stderr)
    ms = (time.perf_counter() - started) * 1000
    print(json.dumps({"file": file, "ms": ms, "name": name, "models": models}), flush=True)
