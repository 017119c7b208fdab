"""Golden scores for test/unit/pixel-golden.test.ts, computed here and not by what they test.   golden.py MODELS > test/fixtures/pixel-golden.json

Pictures are made by integers that both languages make alike; the last two are small, so that they are mirrored outward.
"""
import base64
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

import features
import train

SIZES = [(224 + 19 * n % 400, 224 + 31 * n % 300) for n in range(22)] + [(230, 150), (100, 260)]


def picture(n, width, height):
    noise = train.noise(n + 1, width * height * 3).reshape(height, width, 3).astype(int) & (15 * (n % 3))
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return Image.fromarray(((x * (n + 1) + y * (2 * c + 1) + ((x * y) >> 5) + noise) & 255).astype(np.uint8))


def main(models):
    manifest = json.loads((models / "lite0-linear.json").read_text())
    head = json.loads((models / "lite0-linear.head.json").read_text())
    weights = np.frombuffer(base64.b64decode(head["weights"]), "<f4")
    session = onnxruntime.InferenceSession(str(models / "lite0-linear.onnx"))
    rows = []
    for n, (width, height) in enumerate(SIZES):
        image = picture(n, width, height)
        answer = session.run(None, {"crops": np.stack([*features.crops_of(image, 3), features.whole_of(image)])})[0][0].astype(np.float32)
        logit = float(answer @ weights / manifest["descriptor"]["quantisation"]["scale"] + head["bias"])
        rows.append({"width": width, "height": height, "logit": round(logit, 5)})
    print(json.dumps({"model": f"{manifest['id']}@{manifest['version']}", "pictures": rows}, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
