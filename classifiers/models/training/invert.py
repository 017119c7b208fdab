"""How far a decoder trained to invert descriptors gets.

    invert.py CLONES PACKAGES WORK FIGURES

Takes the test pictures under 448/85, splits them by source, trains ridge regression and a perceptron from descriptor to a picture of 16 x 16,
and measures on the other sources: PSNR against always answering the mean picture, and how often the decoded picture is nearer to the right
one than to 99 others (chance 1 %), for whole pictures and for pictures whose mean colour is taken out.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from PIL import Image
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor

import collect
import train as training


def psnr(a, b):
    return float(np.mean(-10 * np.log10(np.mean((a - b) ** 2, axis=1) + 1e-9)))


def found(decoded, truth, rng, others=99):
    hits = []
    for place in range(len(truth)):
        rivals = rng.choice(np.delete(np.arange(len(truth)), place), min(others, len(truth) - 1), replace=False)
        distance = ((truth[np.append(place, rivals)] - decoded[place]) ** 2).sum(1)
        hits.append(distance.argmin() == 0)
    return float(np.mean(hits))


def described(model, x):
    """Descriptors as the shipped model makes them of features, before they are rounded."""
    held = {i.name: numpy_helper.to_array(i) for i in onnx.load(model).graph.initializer}
    standard = np.clip((x - held["desc.mean"]) / held["desc.std"], held["desc.least"], held["desc.most"]).astype(np.float32)
    projected = standard @ (held["projection"].astype(np.float32) * held["projection.step"])
    return projected / training.STEPS


def main(clones, packages, work, out):
    clones, packages, work = Path(clones), Path(packages), Path(work)
    data = training.load(work / "test.npz")
    at = np.array([m["condition"] == "448/85" for m in data["meta"]])
    data = training.part(data, at)
    figures = json.loads(Path(out).read_text())
    x = training.DESIGNS[figures["design"]](data).astype(np.float32)
    small = np.stack([
        np.asarray(collect.decoded(collect.read(clones, packages, m), 256).resize((16, 16), Image.BOX), np.float32).reshape(-1) / 255
        for m in data["meta"]
    ])
    rng = np.random.default_rng(3)
    test = np.isin(data["source"], ["google/dreambooth", "vladmandic/sdnext"])
    z = described(Path(out).with_name("lite0-linear.onnx"), x)
    mean = small[~test].mean(0)
    rows = {"the mean picture": np.tile(mean, (test.sum(), 1))}
    rows["ridge regression"] = Ridge(alpha=3000).fit(z[~test], small[~test]).predict(z[test])
    net = MLPRegressor(hidden_layer_sizes=(512,), alpha=1e-2, early_stopping=True, max_iter=200, random_state=1).fit(z[~test], small[~test])
    rows["perceptron, 512 hidden"] = net.predict(z[test])
    truth = small[test]
    result = {"trainedOn": int((~test).sum()), "testedOn": int(test.sum()), "decoders": {}}
    flat = lambda a: (a.reshape(len(a), 256, 3) - a.reshape(len(a), 256, 3).mean(1, keepdims=True)).reshape(len(a), -1)
    shade = lambda a: a.reshape(len(a), 256, 3).mean(1)
    for name, decoded in rows.items():
        result["decoders"][name] = {
            "psnr": round(psnr(decoded, truth), 2),
            "psnrColourApart": round(psnr(flat(decoded), flat(truth)), 2),
            "right of 100": round(found(decoded, truth, rng), 3),
            "right of 100, colour apart": round(found(flat(decoded), flat(truth), rng), 3),
            "right of 100, mean colour alone": round(found(shade(decoded), shade(truth), rng), 3),
        }
    figures["inversion"] = result
    Path(out).write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:5])
