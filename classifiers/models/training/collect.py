"""Reads the pictures named in sources.json out of git clones and unpacked Debian packages, and screens them by rule, unseen.

    collect.py CLONES PACKAGES WORK

CLONES holds one clone (bare or not) a repository, named owner+name; PACKAGES one folder a Debian package, unpacked. Writes
WORK/pictures.jsonl: repository, commit, path, blob id, class, split. No picture is written anywhere.
"""
import hashlib
import io
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

Image.MAX_IMAGE_PIXELS = 60_000_000
PICTURE = re.compile(r"\.(jpe?g|png|webp)$", re.I)
DROP = re.compile(r"mask|logo|chart|arch|screenshot|diagram|icon|banner|plot|graph|nsfw|nude|workflow|framework|pipeline|wechat|favicon", re.I)
LEAST_SIDE = 256


def git_dir(clone):
    for at in (clone / "repo" / ".git", clone / "repo", clone / ".git", clone):
        if (at / "HEAD").exists():
            return at
    return None


def git(at, *args):
    return subprocess.run(["git", f"--git-dir={at}", *args], check=True, capture_output=True).stdout


def files_of(source, clones, packages):
    if source["repository"].startswith("debian:"):
        root = packages / source["repository"].removeprefix("debian:")
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                yield None, str(path.relative_to(root)), hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest(), len(data)
        return
    at = git_dir(clones / source["repository"].replace("/", "+"))
    if at is None:
        print(f"not here: {source['repository']}", file=sys.stderr)
        return
    commit = git(at, "rev-parse", "HEAD").decode().strip()
    for line in git(at, "ls-tree", "-r", "-l", "-z", "HEAD").decode("utf8", "replace").split("\0"):
        if line:
            head, path = line.split("\t", 1)
            _, kind, blob, size = head.split()
            if kind == "blob" and size.isdigit():  # a snapshot may list files that it does not hold
                yield commit, path, blob, int(size)


def read(clones, packages, picture):
    repository = picture["repository"]
    if repository.startswith("debian:"):
        return (packages / repository.removeprefix("debian:") / picture["path"]).read_bytes()
    return git(git_dir(clones / repository.replace("/", "+")), "cat-file", "blob", picture["blob"])


def decoded(data, least=1400):
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (least, least))
    image.load()
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(ground, image)
    return image.convert("RGB")


def look(image):
    """Why a picture is not used; and a hash of 64 bits that finds copies."""
    width, height = image.size
    if min(width, height) < LEAST_SIDE:
        return "small", None
    if max(width, height) / min(width, height) > 3:
        return "aspect", None
    small = image.copy()
    small.thumbnail((512, 512), Image.NEAREST)
    grey = np.asarray(small.convert("L"))
    if max((grey[:, 1:] == grey[:, :-1]).mean(), (grey[1:] == grey[:-1]).mean()) > 0.5:
        return "flat", None
    ninths = np.asarray(image.convert("L").resize((9, 8), Image.BOX)).astype(int)
    return None, np.packbits(ninths[:, 1:] > ninths[:, :-1]).tobytes().hex()


def main(clones, packages, work):
    sources = json.loads(Path(__file__).with_name("sources.json").read_text())["sources"]
    sources.sort(key=lambda s: s["split"] != "test")  # the evaluation comes first: its copies leave the training set
    seen_blobs, seen_hashes, tally = set(), {}, {}
    with open(work / "pictures.jsonl", "w") as out:
        for source in sources:
            take, drop = re.compile(source.get("take", "."), re.I), re.compile(source.get("drop", "$^"), re.I)
            flat_allowed = source["class"] == "human" or source["split"] == "test"
            found = [
                f for f in files_of(source, clones, packages)
                if PICTURE.search(f[1]) and take.search(f[1]) and not drop.search(f[1]) and not DROP.search(f[1]) and 8_000 < f[3]
            ]
            random.Random(source["repository"]).shuffle(found)
            kept = 0
            for commit, path, blob, size in found:
                if kept == source["cap"]:
                    break
                if blob in seen_blobs:
                    continue
                seen_blobs.add(blob)
                row = {"repository": source["repository"], "commit": commit, "path": path, "blob": blob}
                try:
                    data = read(clones, packages, row)
                    if data.startswith(b"version https://git-lfs"):
                        continue
                    native = Image.open(io.BytesIO(data))
                    fmt, size_px = native.format, native.size
                    why, seen = look(decoded(data))
                except Exception:
                    why, seen = "unreadable", None
                if why and not (flat_allowed and why == "flat"):
                    tally[why] = tally.get(why, 0) + 1
                    continue
                if seen is not None:
                    value = int(seen, 16)
                    if source["split"] == "train" and any((value ^ other).bit_count() <= 3 for other in seen_hashes):
                        tally["copy"] = tally.get("copy", 0) + 1
                        continue
                    seen_hashes[value] = True
                kept += 1
                row |= {"class": source["class"], "split": source["split"], "format": fmt, "width": size_px[0], "height": size_px[1], "bytes": size}
                out.write(json.dumps(row) + "\n")
            print(f"{kept:5} of {len(found):5} {source['split']:5} {source['class']:5} {source['repository']}", flush=True)
    print(tally)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
