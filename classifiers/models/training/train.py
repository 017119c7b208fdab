"""Fits the head, chooses a design by leaving sources out, calibrates, evaluates, exports model, manifest, head, data list and card.

    train.py WORK TRUNK MODELS [--version 1.1.0]

WORK holds train.npz, test.npz and (if made) grid.npz of features.py. Nothing is chosen on the test pictures: their figures are printed
for every design, the one that ships is the best of the held-out training sources.
"""
import argparse
import base64
import hashlib
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
from lite0_trunk import BLOCKS
from onnx import TensorProto, helper, numpy_helper
from scipy.linalg import eigh
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

warnings.filterwarnings("ignore")
HUMAN = 0.2
DRAWN = 500  # pictures that a stratum needs to weigh as much as all others
LIMIT = 2.8  # standard deviations beyond which a value says no more
KEPT = 512  # principal components of a descriptor
FINE = 254  # steps of what its rounding left
STEPS = 24  # of a descriptor's value in a standard deviation
CONDITIONS = ["448/85", "448/70", "320/85"]


def spans():
    """Where each level's means and standard deviations lie among the trunk's features."""
    found, at = {}, 0
    for name, width in [*((str(block), width) for block, width in enumerate(BLOCKS)), ("head", 1280)]:
        for kind in ("mean", "std"):
            found[f"{name} {kind}"] = slice(at, at + width)
            at += width
    return found


SPANS = spans()
FOUR = [f"{block} {kind}" for block in (2, 4, 7, 10) for kind in ("mean", "std")]
BLOCKS_ALL = [f"{block} {kind}" for block in range(len(BLOCKS)) for kind in ("mean", "std")]
HEAD = ["head mean"]


def chosen(data, side, names):
    return np.hstack([data[side][:, SPANS[name]] for name in names])


DESIGNS = {
    "colour histogram (content floor)": lambda d: d["colour"],
    "crops: four levels, 512": lambda d: chosen(d, "native", FOUR),
    "crops: four levels and head, 1792": lambda d: chosen(d, "native", FOUR + HEAD),
    "whole picture: head, 1280": lambda d: chosen(d, "whole", HEAD),
    "whole picture: four levels and head, 1792": lambda d: chosen(d, "whole", FOUR + HEAD),
    "crops and whole picture, four levels and head, 3584 (1.0.0)": lambda d: np.hstack([chosen(d, side, FOUR + HEAD) for side in ("native", "whole")]),
    "crops and whole picture, every level, 7232": lambda d: np.hstack([chosen(d, side, BLOCKS_ALL) for side in ("native", "whole")]),
    "crops, every level and head, 6176": lambda d: d["native"],
    "crops and whole picture, every level and head, 12352": lambda d: np.hstack([d["native"], d["whole"]]),
}
SHIPPABLE = ["crops and whole picture, every level and head, 12352"]
STRENGTHS = [1e-3, 3e-3]


def load(path):
    with np.load(path, allow_pickle=False) as file:
        data = {k: file[k] for k in ("native", "whole", "colour") if len(file[k])}
        meta = json.loads(str(file["meta"]))
    data["meta"] = meta
    data["source"] = np.array([m["repository"] for m in meta])
    data["kind"] = np.array([m["class"] for m in meta])
    data["y"] = (data["kind"] == "ai").astype(int)
    return data


def part(data, mask):
    return {k: (v[mask] if isinstance(v, np.ndarray) else [m for m, keep in zip(v, mask) if keep]) for k, v in data.items()}


def weights_of(data):
    """Sources weigh as the root of their pictures, human-made graphics a fifth of the negatives, both classes alike."""
    w = np.ones(len(data["y"]))
    for source in np.unique(data["source"]):
        own = data["source"] == source
        w[own] = 1 / np.sqrt(own.sum())
    human, real, ai = data["kind"] == "human", data["kind"] == "real", data["y"] == 1
    if human.any():
        w[human] *= HUMAN / w[human].sum()
    w[real] *= (1 - HUMAN if human.any() else 1) / w[real].sum()
    w[ai] *= 1 / w[ai].sum()
    return w * len(w) / w.sum()


class Linear:
    """Logistic regression on standardised values that are cut off at LIMIT."""

    def __init__(self, x, y, w, c):
        share = (w / w.sum()).astype(np.float32)
        self.mean = share @ x
        self.std = np.sqrt(share @ (x - self.mean) ** 2) + 1e-4
        fit = LogisticRegression(C=c, max_iter=300, tol=1e-4).fit(self.clipped(x), y, sample_weight=w)
        self.w, self.b = fit.coef_[0].astype(np.float32), float(fit.intercept_[0])

    def clipped(self, x):
        return np.clip((x - self.mean) / self.std, -LIMIT, LIMIT).astype(np.float32)

    def logit(self, x):
        return self.clipped(x) @ self.w + self.b


class Descriptor:
    """
    What is kept of a picture: each level's part of the logit, whose sum is the score, and the principal components of all values, from
    which a later head can be fitted. The projection has eight bits a weight, a value eight; each part has a second value for what its rounding
    left, so that a score does not jump where another processor rounds otherwise.
    """

    def __init__(self, linear, x, w):
        z, share = linear.clipped(x), (w / w.sum()).astype(np.float32)
        weighed = z * np.sqrt(share)[:, None]
        count = len(weighed)
        values, vectors = eigh(weighed @ weighed.T, subset_by_index=[count - KEPT, count - 1])
        components = (weighed.T @ vectors)[:, ::-1] / np.sqrt(values[::-1])
        sides = z.shape[1] // sum(s.stop - s.start for s in SPANS.values())
        parts = np.zeros((z.shape[1], sides * len(SPANS)), np.float32)
        for side in range(sides):
            for place, span in enumerate(SPANS.values()):
                rows = slice(side * z.shape[1] // sides + span.start, side * z.shape[1] // sides + span.stop)
                parts[rows, side * len(SPANS) + place] = linear.w[rows]
        columns = np.hstack([parts, components])
        step = np.abs(columns).max(0) / 127
        self.projection = np.rint(columns / step).astype(np.int8)
        raw = (z @ self.projection.astype(np.float32)) * step
        spread = np.sqrt(share @ (raw - share @ raw) ** 2)
        self.step = (step / spread).astype(np.float32)
        self.linear, self.bias, self.parts = linear, linear.b, parts.shape[1]
        self.w = np.concatenate([spread[: self.parts], spread[: self.parts] / FINE, np.zeros(KEPT)]).astype(np.float32)

    def values(self, x):
        projected = (self.linear.clipped(x) @ self.projection.astype(np.float32)) * (self.step * STEPS)
        whole = np.clip(np.rint(projected), -127, 127)
        left = np.clip(np.rint((projected - whole)[:, : self.parts] * FINE), -127, 127)
        return np.hstack([whole[:, : self.parts], left, whole[:, self.parts :]]) / STEPS

    def logit(self, x):
        return self.values(x) @ self.w + self.bias


def folds_of(data, count=5):
    """Each source in one fold; sources of a class are dealt out by size, so every fold holds some of each."""
    fold = np.zeros(len(data["y"]), int)
    for kind in ("ai", "real", "human"):
        sources = sorted({s for s, k in zip(data["source"], data["kind"]) if k == kind}, key=lambda s: (-(data["source"] == s).sum(), s))
        for place, source in enumerate(sources):
            fold[(data["source"] == source) & (data["kind"] == kind)] = place % count
    return fold


def held_out(data, x, c):
    fold, out = folds_of(data), np.zeros(len(x))
    for f in np.unique(fold):
        rest = fold != f
        own = part({k: data[k] for k in ("source", "kind", "y")}, rest)
        out[~rest] = Linear(x[rest], data["y"][rest], weights_of(own), c).logit(x[~rest])
    return out


def tpr_at(y, s, fpr, weights=None):
    threshold = np.quantile(s[y == 0], 1 - fpr)
    return float((s[y == 1] > threshold).mean())


def boot(y, s, statistic, rng, draws=300):
    pos, neg = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    values = []
    for _ in range(draws):
        at = np.concatenate([rng.choice(pos, len(pos)), rng.choice(neg, len(neg))])
        values.append(statistic(y[at], s[at]))
    return [round(float(v), 3) for v in np.quantile(values, [0.025, 0.975])]


def platt(x, y, w):
    fit = LogisticRegression(C=1e6, max_iter=1000).fit(x[:, None], y, sample_weight=w)
    return max(float(fit.coef_[0, 0]), 1e-3), float(fit.intercept_[0])


def ece(p, y, bins=15):
    order = np.argsort(p)
    return float(sum(len(i) / len(p) * abs(p[i].mean() - y[i].mean()) for i in np.array_split(order, bins) if len(i)))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def strata_of(meta):
    out = []
    for name, when in STRATA.items():
        mask = np.array([inside(m, when) for m in meta])
        out.append((name, when, mask))
    return out


STRATA = {
    f"jpeg q{q[0]}-{q[1]} side {s[0]}-{s[1]}": {"format": "jpeg", "jpegQuality": list(q), "minSide": list(s)}
    for q in ((40, 72), (72, 86), (86, 101))
    for s in ((0, 400), (400, 100_000))
} | {"other formats": {"format": "other"}}


def inside(m, when):
    if ("jpeg" if m.get("quality") and "webp" not in m.get("condition", "") else "other") != when["format"]:
        return False
    if "jpegQuality" in when and not when["jpegQuality"][0] <= m["quality"] < when["jpegQuality"][1]:
        return False
    return "minSide" not in when or when["minSide"][0] <= m["side"] < when["minSide"][1]


def balanced(y):
    return np.where(y == 1, 0.5 / max(1, (y == 1).sum()), 0.5 / max(1, (y == 0).sum())) * len(y)


def calibrate(data, logits, rng, draws=40):
    """
    Platt per stratum on held-out sources, drawn towards the fit on all as far as the stratum is small; intervals by drawing sources anew.
    Photographs alone are what is not generated: human-made graphics score lower, and would make its thresholds look better than they are.
    """
    photo = data["kind"] != "human"
    data, logits = part(data, photo), logits[photo]
    y, w = data["y"], weights_of(data)
    sources = np.unique(data["source"])

    def fits(mask, towards=None):
        share = mask.sum() / (mask.sum() + DRAWN)
        drawn = lambda own, all_: own if all_ is None else tuple(share * o + (1 - share) * a for o, a in zip(own, all_))
        whole = towards and (towards["a"], towards["b"])
        a, b = drawn(platt(logits[mask], y[mask], w[mask]), whole)
        again = []
        for _ in range(draws):
            chosen = rng.choice(sources, len(sources))
            at = np.concatenate([np.flatnonzero((data["source"] == s) & mask) for s in chosen])
            if len(np.unique(y[at])) == 2:
                again.append([round(v, 4) for v in drawn(platt(logits[at], y[at], w[at]), whole)])
        return {"a": round(a, 5), "b": round(b, 5), "resamples": again}

    every = fits(np.ones(len(y), bool))
    strata = []
    for _, when, mask in strata_of(data["meta"]):
        if min((y[mask] == 1).sum(), (y[mask] == 0).sum()) >= 100:
            strata.append({"when": when, **fits(mask, every), "n": int(mask.sum())})
    return every, strata


def probability(calibration, meta, logits):
    every, strata = calibration
    p = sigmoid(every["a"] * logits + every["b"])
    for stratum in strata:
        mask = np.array([inside(m, stratum["when"]) for m in meta])
        p[mask] = sigmoid(stratum["a"] * logits[mask] + stratum["b"])
    return p


def across_sources(data, logits, rng):
    """What calibration is worth on sources that it did not see: each fold's probabilities from a calibration on the other folds."""
    fold, p = folds_of(data), np.zeros(len(logits))
    for f in np.unique(fold):
        own = fold == f
        p[own] = probability(calibrate(part(data, ~own), logits[~own], rng, draws=0), part(data, own)["meta"], logits[own])
    photo = data["kind"] != "human"
    y, w = data["y"], weights_of(part(data, photo))
    few = []
    for _ in range(300):  # as many sources as the evaluation has
        drawn = np.concatenate([rng.choice(np.unique(data["source"][data["kind"] == kind]), n, replace=False) for kind, n in (("ai", 5), ("real", 4))])
        at = photo & np.isin(data["source"], drawn)
        if len(np.unique(y[at])) == 2 and at.sum() >= 150:
            few.append(ece(p[at], y[at]))
    strata = []
    for name, _, mask in strata_of(data["meta"]):
        at = mask & photo
        if min((y[at] == 1).sum(), (y[at] == 0).sum()) >= 100:
            strata.append({"stratum": name, "n": int(at.sum()), "auc": round(roc_auc_score(y[at], logits[at]), 3), "ece": round(ece(p[at], y[at]), 3), "reliability": reliability(p[at], y[at])})
    return {
        "sources": len(set(data["source"][photo])),
        "auc": round(roc_auc_score(y[photo], logits[photo], sample_weight=w), 4),
        "tpr1": round(tpr_at(y[photo], logits[photo], 0.01), 3),
        "tpr5": round(tpr_at(y[photo], logits[photo], 0.05), 3),
        "ece": round(ece(p[photo], y[photo]), 4),
        "nineSources": [round(float(v), 3) for v in np.quantile(few, [0.05, 0.5, 0.95])],
        "strata": strata,
    }


def reliability(p, y, bins=5):
    return [[round(float(p[i].mean()), 2), round(float(y[i].mean()), 2)] for i in np.array_split(np.argsort(p), bins)]


def threshold(p, w, source, fpr, rng):
    """
    The score that this share of photographs reaches: the third quartile over sources drawn anew, since every forum is a source that was not
    seen and a mean over few sources promises too much.
    """
    def at(places):
        order = places[np.argsort(-p[places])]
        share = np.cumsum(w[order]) / w[order].sum()
        return float(p[order][min(np.searchsorted(share, fpr), len(order) - 1)]) + 1e-6
    by = [np.flatnonzero(source == s) for s in np.unique(source)]
    drawn = [at(np.concatenate([by[i] for i in rng.integers(0, len(by), len(by))])) for _ in range(200)]
    return float(np.quantile(drawn, 0.75))


def threshold_drift(p, w, source, fpr, rng):
    """Share of each source's photographs that reaches a threshold set on the other sources: mean, and the worst."""
    rates = []
    for s in np.unique(source):
        own = source == s
        if own.sum() >= 8:
            rates.append(float((p[own] >= threshold(p[~own], w[~own], source[~own], fpr, rng)).mean()))
    return [round(float(np.mean(rates)), 4), round(max(rates), 3)]


def format_only(train, test):
    """A "detector" that sees container and dimensions of the files as they came."""
    def table(data):
        rows = {(m["repository"], m["path"]): m for m in data["meta"]}
        x = [[m["format"] == "JPEG", m["format"] == "PNG", m["width"], m["height"], m["width"] / m["height"], m["width"] == m["height"], m["width"] % 64, m["height"] % 64, m["bytes"] / (m["width"] * m["height"])] for m in rows.values() if m["class"] != "human"]
        return np.array(x, float), np.array([m["class"] == "ai" for m in rows.values() if m["class"] != "human"], int)
    (x, y), (tx, ty) = table(train), table(test)
    return roc_auc_score(ty, HistGradientBoostingClassifier(random_state=1).fit(x, y).predict_proba(tx)[:, 1])


FAMILIES = [
    ("gpt-4o", "awesome-gpt4o"), ("infinity", "Infinity"), ("flux2", "flux2|flux.2"), ("flux1", "flux"), ("z-image", "z-image|z_image|zimage|zit"),
    ("qwen-image", "qwen"), ("wan", "wan"), ("hidream", "hidream"), ("sana", "sana"), ("kolors", "kolors"), ("pixart", "pixart"), ("hunyuan", "hunyuan"),
    ("kandinsky", "kandinsky"), ("stable-cascade", "cascade|wuerstchen"), ("sd3", "diffusion-3|sd3"), ("sdxl", "sdxl|xl|pony|noobai|illustrious|playground-v2|segmind|koala|juggernaut|tempest"),
    ("sd1-2", "v1-5|diffusion-2|unidiffuser|instaflow|blipdiffusion|playground-v1"), ("chroma", "chroma"), ("cogview", "cogview|glm"), ("omnigen", "omnigen"), ("lumina", "lumina"), ("ovis", "ovis"),
    ("ernie", "ernie"), ("gemini", "gemini"), ("bria-fibo", "bria|fibo"), ("deepfloyd", "deepfloyd"), ("meissonic", "meissonic|amused"), ("longcat", "longcat"), ("step1x", "step1x"), ("auraflow", "aura"),
    ("krea", "krea"), ("ideogram", "ideogram"), ("cosmos", "cosmos|chrono"), ("lens", "lens"),
]
TRAINED = {"flux2", "flux1", "z-image", "qwen-image", "hidream", "sana", "kolors", "pixart", "hunyuan", "kandinsky", "stable-cascade", "sd3", "sdxl", "sd1-2", "chroma", "cogview", "omnigen", "lumina", "ovis", "ernie", "gemini", "bria-fibo", "deepfloyd", "meissonic", "longcat", "step1x", "auraflow", "krea", "ideogram", "cosmos", "lens", "wan"}


def family(m):
    import re
    if m["class"] != "ai":
        return None
    text = f"{m['repository']}/{m['path']}".lower()
    return next((name for name, pattern in FAMILIES if re.search(pattern.lower(), text)), "other")


def evaluate(test, logits, calibration, thresholds, rng):
    photo = test["kind"] != "human"
    condition = np.array([m["condition"] for m in test["meta"]])
    p = probability(calibration, test["meta"], logits)
    result = {}
    for name in CONDITIONS:
        at = photo & (condition == name)
        y, s, q = test["y"][at], logits[at], p[at]
        w = balanced(y)
        result[name] = {
            "n": [int((y == 1).sum()), int((y == 0).sum())],
            "auc": round(roc_auc_score(y, s), 4), "aucCi": boot(y, s, roc_auc_score, rng),
            "ap": round(average_precision_score(y, s), 4),
            "tpr1": round(tpr_at(y, s, 0.01), 3), "tpr1Ci": boot(y, s, lambda a, b: tpr_at(a, b, 0.01), rng),
            "tpr5": round(tpr_at(y, s, 0.05), 3), "tpr5Ci": boot(y, s, lambda a, b: tpr_at(a, b, 0.05), rng),
            "ece": round(ece(q, y), 4), "brier": round(float(np.average((q - y) ** 2, weights=w)), 4),
        }
        for level, t in thresholds.items():
            result[name][level] = {"tpr": round(float((q[y == 1] >= t).mean()), 3), "fpr": round(float((q[y == 0] >= t).mean()), 4)}
            human = (test["kind"] == "human") & (condition == name)
            result[name][level]["human"] = round(float((p[human] >= t).mean()), 3)
    main = photo & (condition == "448/85")
    sources = {s: {level: round(float((p[main & (test["source"] == s)] >= t).mean()), 3) for level, t in thresholds.items()} | {"n": int((main & (test["source"] == s)).sum())} for s in np.unique(test["source"][main & (test["y"] == 0)])}
    families = np.array([family(m) or "" for m in test["meta"]])
    negatives = main & (test["y"] == 0)
    per = {}
    for f in sorted(set(families[main & (test["y"] == 1)])):
        own = main & (families == f)
        at = own | negatives
        per[f] = {"n": int(own.sum()), "auc": round(roc_auc_score(test["y"][at], logits[at]), 3), "flag": round(float((p[own] >= thresholds["flag"]).mean()), 3), "inTraining": f in TRAINED}
    unseen = main & ((test["y"] == 0) | np.array([f not in TRAINED for f in families]))
    strict = {"n": int((unseen & (test["y"] == 1)).sum()), "auc": round(roc_auc_score(test["y"][unseen], logits[unseen]), 4), "tpr1": round(tpr_at(test["y"][unseen], logits[unseen], 0.01), 3)}
    return {"conditions": result, "realSources": sources, "generators": per, "generatorsNeverTrained": strict}, p


def with_descriptor(trunk, descriptor, crops):
    """The trunk with the descriptor on top; the last of the squares is the whole picture."""
    nodes, initial, linear = list(trunk.graph.node), list(trunk.graph.initializer), descriptor.linear

    def const(name, value, dtype):
        initial.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name

    def taken(name, first, last):
        starts, ends = const(f"{name}.from", [first], np.int64), const(f"{name}.to", [last], np.int64)
        nodes.append(helper.make_node("Slice", ["features", starts, ends, const(f"{name}.axis", [0], np.int64)], [f"{name}.rows"]))
        nodes.append(helper.make_node("ReduceMean", [f"{name}.rows"], [name], axes=[0], keepdims=1))
        return name

    nodes.append(helper.make_node("Concat", [taken("native", 0, crops), taken("whole", crops, crops + 1)], ["joined"], axis=1))
    parts = descriptor.parts
    const("low", -127, np.float32), const("high", 127, np.float32)
    zeros = const("projection.zero", np.zeros(len(descriptor.step)), np.int8)
    steps = [
        ("Sub", ["joined", const("desc.mean", linear.mean, np.float32)], "centred"),
        ("Div", ["centred", const("desc.std", linear.std, np.float32)], "scaled"),
        ("Clip", ["scaled", const("desc.least", -LIMIT, np.float32), const("desc.most", LIMIT, np.float32)], "standard"),
        ("DequantizeLinear", [const("projection", descriptor.projection, np.int8), const("projection.step", descriptor.step * STEPS, np.float32), zeros], "weights"),
        ("MatMul", ["standard", "weights"], "projected"),
        ("Round", ["projected"], "rounded"),
        ("Clip", ["rounded", "low", "high"], "numbers"),
        ("Sub", ["projected", "numbers"], "left"),
    ]
    nodes += [helper.make_node(op, inputs, [out], **({"axis": 1} if op == "DequantizeLinear" else {})) for op, inputs, out in steps]
    columns = const("columns.axis", [1], np.int64)
    first, last, end = const("columns.first", [0], np.int64), const("columns.parts", [parts], np.int64), const("columns.end", [len(descriptor.step)], np.int64)
    steps = [
        ("Slice", ["left", first, last, columns], "left.parts"),
        ("Mul", ["left.parts", const("fine", FINE, np.float32)], "left.scaled"),
        ("Round", ["left.scaled"], "left.rounded"),
        ("Clip", ["left.rounded", "low", "high"], "left.numbers"),
        ("Slice", ["numbers", first, last, columns], "numbers.parts"),
        ("Slice", ["numbers", last, end, columns], "numbers.components"),
    ]
    nodes += [helper.make_node(op, inputs, [out]) for op, inputs, out in steps]
    nodes.append(helper.make_node("Concat", ["numbers.parts", "left.numbers", "numbers.components"], ["values"], axis=1))
    nodes.append(helper.make_node("Cast", ["values"], ["descriptor"], to=TensorProto.INT8))
    graph = helper.make_graph(
        nodes, "watchline-pixel",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, [crops + 1, 224, 224, 3])],
        [helper.make_tensor_value_info("descriptor", TensorProto.INT8, [1, len(descriptor.w)])],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="watchline")
    onnx.checker.check_model(model, full_check=True)
    return model


def noise(seed, length):
    out, state = np.zeros(length, np.uint8), seed
    for at in range(length):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        out[at] = state & 255
    return out


def pin(path):
    data = path.read_bytes()
    return {"path": path.name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("work", type=Path), options.add_argument("trunk"), options.add_argument("models", type=Path)
    options.add_argument("--version", default="1.1.0")
    options = options.parse_args()
    rng = np.random.default_rng(7)
    train, test = load(options.work / "train.npz"), load(options.work / "test.npz")
    photo = test["kind"] != "human"
    condition = np.array([m["condition"] for m in test["meta"]])
    tried, best = [], None
    print("train", {k: int((train["kind"] == k).sum()) for k in ("ai", "real", "human")}, "sources", len(set(train["source"])), flush=True)
    baseline = round(format_only(train, test), 3)
    print("container and dimensions only, native files:", baseline, flush=True)
    w = weights_of(train)
    for name, take in DESIGNS.items():
        x, tx = take(train).astype(np.float32), take(test).astype(np.float32)
        scores = []
        for c in STRENGTHS:
            out = held_out(train, x, c)
            scores.append((roc_auc_score(train["y"], out, sample_weight=w), c, out))
        left_out, c, out = max(scores, key=lambda s: s[0])
        linear = Linear(x, train["y"], w, c)
        logits = linear.logit(tx)
        row = {"design": name, "c": c, "leftOut": round(left_out, 4)}
        for k in CONDITIONS:
            at = photo & (condition == k)
            row[k] = round(roc_auc_score(test["y"][at], logits[at]), 4)
            row[f"tpr1 {k}"] = round(tpr_at(test["y"][at], logits[at], 0.01), 3)
        tried.append(row)
        print(row, flush=True)
        if name in SHIPPABLE and (best is None or left_out > best[0]):
            best = (left_out, name, c, out, linear)
    _, design, c, out, linear = best
    print("ships:", design, c, flush=True)
    x = DESIGNS[design](train).astype(np.float32)
    descriptor = Descriptor(linear, x, w)
    logits = descriptor.logit(DESIGNS[design](test).astype(np.float32))
    np.save(options.work / "left-out.npy", out)
    calibration = calibrate(train, out, rng)
    across = across_sources(train, out, rng)
    p = probability(calibration, train["meta"], out)
    real = train["kind"] == "real"
    photographs = (p[real], w[real], train["source"][real])
    thresholds = {level: threshold(*photographs, fpr, rng) for level, fpr in (("review", 0.05), ("flag", 0.01))}
    across["drift"] = {level: threshold_drift(*photographs, fpr, rng) for level, fpr in (("review", 0.05), ("flag", 0.01))}
    print("left out:", across, flush=True)
    figures, _ = evaluate(test, logits, calibration, thresholds, rng)
    figures |= {"leftOut": across, "baselines": {"containerAndDimensions": baseline}, "tried": tried, "design": design, "thresholds": thresholds}
    grid = options.work / "grid.npz"
    if grid.exists():
        data = load(grid)
        gl = descriptor.logit(DESIGNS[design](data).astype(np.float32))
        at = np.array([m["condition"] for m in data["meta"]])
        gp = probability(calibration, data["meta"], gl)
        figures["grid"] = {k: {"auc": round(roc_auc_score(data["y"][at == k], gl[at == k]), 3), "flagTpr": round(float((gp[(at == k) & (data["y"] == 1)] >= thresholds["flag"]).mean()), 3), "flagFpr": round(float((gp[(at == k) & (data["y"] == 0)] >= thresholds["flag"]).mean()), 3)} for k in dict.fromkeys(at)}
        figures["gridPictures"] = int((at == at[0]).sum())
    export(options, train, test, descriptor, calibration, thresholds, figures)


def export(options, train, test, described, calibration, thresholds, figures):
    crops, name = 3, "lite0-linear"
    models = options.models
    model = with_descriptor(onnx.load(options.trunk), described, crops)
    onnx.save(model, models / f"{name}.onnx")
    descriptor = f"lite0@{hashlib.sha256(described.projection.tobytes() + described.step.tobytes() + described.linear.mean.tobytes()).hexdigest()[:8]}"
    head = {"descriptor": descriptor, "weights": base64.b64encode(described.w.astype("<f4").tobytes()).decode(), "bias": described.bias}
    (models / f"{name}.head.json").write_text(json.dumps(head) + "\n")
    import onnxruntime
    seed = 20261125
    squares = noise(seed, (crops + 1) * 224 * 224 * 3).reshape(crops + 1, 224, 224, 3)
    answer = onnxruntime.InferenceSession(str(models / f"{name}.onnx")).run(None, {"crops": squares})[0][0].astype(np.float32)
    every, strata = calibration
    main = figures["conditions"]["448/85"]
    level = lambda key, fpr: {"fpr": fpr, "score": round(thresholds[key], 6), "tpr": main[key]["tpr"], "fprUnseen": main[key]["fpr"]}
    manifest = {
        "id": name, "version": options.version, "task": "ai-image",
        "file": {**pin(models / f"{name}.onnx"), "opset": 17, "externalData": False},
        "license": {"spdx": "Apache-2.0", "use": "Weights of EfficientNet-Lite0 by Google (Apache-2.0), frozen; the linear head is Watchline's own. See the card."},
        "input": {"name": "crops", "layout": "nhwc", "dtype": "uint8", "color": "rgb", "range": 255, "mean": [0, 0, 0], "std": [1, 1, 1],
                  "size": {"mode": "native-crops", "crop": 224, "count": crops, "select": "centre-corners", "pad": "mirror", "whole": True},
                  "exifOrientation": "ignored", "alpha": "dropped", "icc": "ignored", "maxPixels": 100_000_000},
        "output": {"name": "descriptor", "kind": "descriptor", "positive": 0, "aggregate": "in-graph"},
        "descriptor": {"name": descriptor, "dims": len(described.w), "quantisation": {"type": "int8", "scale": STEPS}, "head": pin(models / f"{name}.head.json")},
        "parity": {"seed": seed, "logit": round(float(answer @ described.w / STEPS + described.bias), 6)},
        "calibration": {"version": f"cal-{options.version}", "method": "platt", **every, "fittedOn": f"held-out sources of the training set: {len(set(train['source']))} sources, each scored by a head that never saw it", "n": len(train["y"]), "prior": 0.5, "strata": strata},
        "thresholds": {"review": level("review", 0.05), "flag": level("flag", 0.01)},
        "applicability": {"abstainBelow": {"minSide": 224, "jpegQuality": 40}},
        "evaluation": {"card": f"{name}.card.md", "auc": main["auc"], "ap": main["ap"], "tprAtFpr1": main["tpr1"], "ece": main["ece"]},
        "limits": {"maxModelBytes": 16 << 20, "timeoutMs": 10_000, "memoryMb": 300},
    }
    (models / f"{name}.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (models / f"{name}.figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    rows = {}
    for m in [*train["meta"], *test["meta"]]:
        rows.setdefault((m["split"], m["class"], m["repository"], m["commit"]), {})[m["path"]] = m["blob"]
    with open(models / f"{name}.data.jsonl", "w") as file:
        for (split, kind, repository, commit), files in sorted(rows.items(), key=str):
            file.write(json.dumps({"split": split, "class": kind, "repository": repository, "commit": commit, "files": dict(sorted(files.items()))}) + "\n")


if __name__ == "__main__":
    main()
