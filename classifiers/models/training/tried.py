"""What else was tried on the same features, on left-out training sources alone; adds it to the figures.   tried.py WORK MODELS

Fits: another weight of negatives, and the sources of version 1.0.0 alone against all. Calibrations: each fitted on the other folds' sources.
The evaluation's pictures are not read.
"""
import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import train as training

VENDOR = ["freestylefly/awesome-gpt-image-2", "EvoLinkAI/awesome-gpt-image-2-prompts"]  # a newer generator of a vendor that is evaluated


def figures_of(data, out):
    photo = data["kind"] != "human"
    own, y = training.part(data, photo), data["y"][photo]
    return {
        "pictures": int(photo.sum()),
        "auc": round(roc_auc_score(y, out[photo], sample_weight=training.weights_of(own)), 4),
        "tpr1": round(training.tpr_at(y, out[photo], 0.01), 3),
        "tpr5": round(training.tpr_at(y, out[photo], 0.05), 3),
    }


def logistic(c, negatives=1.0):
    def fit(x, y, sub):
        w = training.weights_of(sub) * np.where(y == 0, negatives, 1)
        return training.Linear(x, y, w * len(w) / w.sum(), c)
    return fit


def left_out(data, x, fit, keep=None):
    fold, out = training.folds_of(data), np.zeros(len(x))
    for f in np.unique(fold):
        rest = (fold != f) if keep is None else (fold != f) & keep
        sub = training.part({k: data[k] for k in ("source", "kind", "y")}, rest)
        out[fold == f] = fit(x[rest], data["y"][rest], sub).logit(x[fold == f])
    return out


def fits(data, x, c, since):
    first = ~np.isin(data["source"], since)
    rows = {}
    ships = left_out(data, x, logistic(c))
    rows["as it ships"] = figures_of(data, ships)
    rows["negatives weigh eightfold"] = figures_of(data, left_out(data, x, logistic(c, 8)))
    own = training.part(data, first)
    rows["sources of 1.0.0 alone, measured on them"] = figures_of(own, left_out(own, x[first], logistic(c)))
    rows["all sources, measured on those of 1.0.0"] = figures_of(own, ships[first])
    without = ~np.isin(data["source"], VENDOR)
    rows["all but GPT-Image-2, measured on those of 1.0.0"] = figures_of(own, left_out(data, x, logistic(c), without)[first])
    return rows


def sigmoid_of(x, y, w):
    a, b = training.platt(x, y, w)
    return lambda v: training.sigmoid(a * v + b)


def temperature(x, y, w):
    t = minimize_scalar(lambda t: (w * np.logaddexp(0, -(2 * y - 1) * x * t)).sum(), bounds=(0.1, 4), method="bounded").x
    return lambda v: training.sigmoid(t * v)


def beta(x, y, w):
    sides = lambda v: np.c_[np.logaddexp(0, v), -np.logaddexp(0, -v)]
    fit = LogisticRegression(C=1e6, max_iter=1000).fit(sides(x), y, sample_weight=w)
    return lambda v: fit.predict_proba(sides(v))[:, 1]


def isotonic(x, y, w):
    return IsotonicRegression(out_of_bounds="clip", y_min=0.005, y_max=0.995).fit(x, y, sample_weight=w).predict


def source_weights(y, source, power):
    w = np.ones(len(y))
    for s in np.unique(source):
        w[source == s] = float((source == s).sum()) ** -power
    for label in (0, 1):
        w[y == label] /= w[y == label].sum()
    return w * len(w) / 2


def calibrations(data, logits):
    fold, photo = training.folds_of(data), data["kind"] != "human"
    y, source = data["y"], data["source"]

    def crossfitted(fit, power):
        p = np.zeros(len(y))
        for f in np.unique(fold):
            at = photo & (fold != f)
            p[fold == f] = fit(logits[at], y[at], source_weights(y[at], source[at], power))(logits[fold == f])
        return p

    def both(p):
        rng, few = np.random.default_rng(1), []
        for _ in range(300):
            drawn = np.concatenate([rng.choice(np.unique(source[data["kind"] == kind]), n, replace=False) for kind, n in (("ai", 5), ("real", 4))])
            at = photo & np.isin(source, drawn)
            if len(np.unique(y[at])) == 2 and at.sum() >= 150:
                few.append(training.ece(p[at], y[at]))
        return {"ece": round(training.ece(p[photo], y[photo]), 4), "nineSources": round(float(np.median(few)), 3)}

    rows = {"none": both(training.sigmoid(logits))}
    for power, weighing in ((0, "pictures alike"), (0.5, "sources by root"), (1, "sources alike")):
        for name, fit in (("Platt", sigmoid_of), ("temperature", temperature), ("beta", beta), ("isotonic", isotonic)):
            rows[f"{name}, {weighing}"] = both(crossfitted(fit, power))
    return rows


def main(work, models):
    file = models / "lite0-linear.figures.json"
    figures = json.loads(file.read_text())
    since = [s["repository"] for s in json.loads(Path(__file__).with_name("sources.json").read_text())["sources"] if "since" in s]
    data = training.load(work / "train.npz")
    x = training.DESIGNS[figures["design"]](data).astype(np.float32)
    c = next(row["c"] for row in figures["tried"] if row["design"] == figures["design"])
    figures["fits"] = fits(data, x, c, since)
    figures["calibrations"] = calibrations(data, np.load(work / "left-out.npy"))
    file.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({k: figures[k] for k in ("fits", "calibrations")}, indent=1))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
