"""Pictures through matched pipelines and the trunk, to channel statistics.

    features.py train|test|grid TRUNK CLONES PACKAGES WORK

Training: every picture gets random histories, drawn alike for both classes. Test: every picture goes through the same container,
size and quality: JPEG 92 if it was lossless, shorter side 448 or 320 (never enlarged), final JPEG. Writes WORK/<name>.npz; a
picture's features are the mean over its crops.
"""
import io
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

import collect

SIDE = 224
KERNELS = [Image.BILINEAR, Image.BICUBIC, Image.LANCZOS, Image.BOX, Image.HAMMING]
CONDITIONS = {"448/85": (448, 85), "448/70": (448, 70), "320/85": (320, 85)}
GRID_QUALITY = [95, 85, 75, 60, 40]
GRID_SIZE = [1.0, 0.75, 0.5, 448, 320]


def jpeg(image, quality, subsampling=2):
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=int(quality), subsampling=subsampling)
    return Image.open(io.BytesIO(stream.getvalue())).convert("RGB")


def shorter_side(image, side, kernel=Image.LANCZOS):
    least = min(image.size)
    if least <= side:
        return image
    return image.resize((max(1, round(image.width * side / least)), max(1, round(image.height * side / least))), kernel)


def matched(image, lossless, side, quality):
    if lossless:
        image = jpeg(image, 92)
    return jpeg(shorter_side(image, side), quality)


def random_history(image, lossless, rng):
    if lossless and rng.random() < 0.9:
        image = jpeg(image, rng.integers(75, 99), rng.choice([0, 2]))
    if rng.random() < 0.88:
        side = np.exp(rng.uniform(np.log(300), np.log(680)))
        image = shorter_side(image, int(side), KERNELS[rng.integers(len(KERNELS))])
    elif min(image.size) > 900:
        image = shorter_side(image, 900)
    x, y = rng.integers(0, 8, 2)
    if min(image.size) > SIDE + 8:
        image = image.crop((x, y, image.width, image.height))
    if rng.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    quality = None
    if rng.random() < 0.9:
        quality = int(rng.integers(58, 98))
        image = jpeg(image, quality, rng.choice([0, 2]))
    return image, quality


def crops_of(image, count):
    """Centre, then corners: top left, bottom right, top right, bottom left. A side below 224 is mirrored outward."""
    pixels = np.asarray(image)
    height, width = pixels.shape[:2]
    if height < SIDE or width < SIDE:
        pixels = np.pad(pixels, ((0, max(0, SIDE - height)), (0, max(0, SIDE - width)), (0, 0)), "symmetric")
        height, width = pixels.shape[:2]
    right, bottom = width - SIDE, height - SIDE
    at = [(right // 2, bottom // 2), (0, 0), (right, bottom), (right, 0), (0, bottom)][:count]
    return [pixels[y : y + SIDE, x : x + SIDE] for x, y in at]


def whole_of(image):
    return np.asarray(image.resize((SIDE, SIDE), Image.BOX))


def colour_histogram(image):
    pixels = np.asarray(image.resize((SIDE, SIDE), Image.BOX)) // 32
    index = (pixels[..., 0].astype(int) * 8 + pixels[..., 1]) * 8 + pixels[..., 2]
    return np.sqrt(np.bincount(index.ravel(), minlength=512) / index.size).astype(np.float32)


class Trunk:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options)

    def features(self, image, count):
        batch = np.stack([*crops_of(image, count), whole_of(image)])
        out = self.session.run(None, {"crops": batch})[0]
        return out[:-1].mean(0), out[-1]


def main(job, trunk, clones, packages, work):
    trunk, clones, packages, work = Trunk(trunk), Path(clones), Path(packages), Path(work)
    rows = [json.loads(line) for line in open(work / "pictures.jsonl")]
    rows = [r for r in rows if r["split"] == ("train" if job == "train" else "test")]
    rng = np.random.default_rng(22)
    rng.shuffle(rows)  # a cut is a sample
    if job == "grid":
        ai, real = ([r for r in rows if r["class"] == c][:60] for c in ("ai", "real"))
        rows = ai + real
    native, whole, colour, meta = [], [], [], []
    for place, row in enumerate(rows):
        try:
            image = collect.decoded(collect.read(clones, packages, row))
        except Exception as error:
            print("left out", row["path"], error)
            continue
        lossless = row["format"] != "JPEG"
        versions = []
        if job == "train":
            for _ in range(2 if row["class"] != "real" and row["repository"] not in BIG else 1):
                history, quality = random_history(image, lossless, rng)
                versions.append(({"quality": quality, "side": min(history.size)}, history))
        elif job == "test":
            versions = [({"condition": name, "quality": q, "side": s}, matched(image, lossless, s, q)) for name, (s, q) in CONDITIONS.items()]
        else:
            base = jpeg(image, 92) if lossless else image
            base = shorter_side(base, 1024)
            for size in GRID_SIZE:
                sized = shorter_side(base, size) if size > 1 else shorter_side(base, int(min(base.size) * size))
                for q in GRID_QUALITY:
                    versions.append(({"condition": f"{size}/jpeg {q}", "quality": q, "side": min(sized.size)}, jpeg(sized, q)))
            sized = shorter_side(base, 448)
            inner = sized.crop((sized.width // 8, sized.height // 8, sized.width * 7 // 8, sized.height * 7 // 8))
            versions.append(({"condition": "448/crop", "quality": 85, "side": min(inner.size)}, jpeg(inner, 85)))
            shot = sized.resize((round(sized.width * 0.9), round(sized.height * 0.9)), Image.BILINEAR)
            versions.append(({"condition": "448/screenshot png", "quality": None, "side": min(shot.size)}, shot))
            stream = io.BytesIO()
            sized.save(stream, "WEBP", quality=80)
            versions.append(({"condition": "448/webp 80", "quality": 80, "side": min(sized.size)}, Image.open(stream).convert("RGB")))
        for how, version in versions:
            n, w = trunk.features(version, 3)
            native.append(n.astype(np.float32)), whole.append(w.astype(np.float32))
            if job != "grid":
                colour.append(colour_histogram(version))
            meta.append({**row, **how})
        if place % 100 == 99:
            print(place + 1, "of", len(rows), flush=True)
            save(work / f"{job}.npz", native, whole, colour, meta)
    save(work / f"{job}.npz", native, whole, colour, meta)
    print("done", len(meta))


BIG = {"SupaGruen/StableDiffusion-CheatSheet", "easydiffusion/easydiffusion", "lllyasviel/Fooocus"}


def save(path, native, whole, colour, meta):
    np.savez(path, native=np.stack(native), whole=np.stack(whole), colour=np.stack(colour) if colour else np.zeros(0), meta=json.dumps(meta))


if __name__ == "__main__":
    main(*sys.argv[1:6])
