"""Small Keras models with what Keras computes for them: converters/src/test/resources/keras.

    python keras_cases.py FOLDER [CASE...]

Needs keras, tensorflow (its backend), h5py, numpy and safetensors. Seeds are fixed; every case has model.keras, some also
the HDF5 forms. Archives are packed again with deflate, which Keras reads as well and which keeps them small.
"""
import json
import os
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

L = keras.layers
CASES = {}
IDS = np.array([[3, 0, 5, 1, 0, 2, 0], [0, 0, 4, 2, 1, 0, 3], [1, 2, 3, 4, 5, 6, 7]], np.int32)
PADDED = np.array([[0, 0, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 2]], np.int32)


def case(function):
    CASES[function.__name__] = function
    return function


def rng(seed=7):
    return np.random.default_rng(seed)


def floats(*shape, seed=7):
    return rng(seed).standard_normal(shape).astype(np.float32)


def ids_input(name="ids"):
    return keras.Input((None,), dtype="int32", name=name)


def randomise(model, seed=11):
    """Weights with nothing special: no zero biases, no unit variances."""
    r = rng(seed)
    for v in model.weights:
        value = 0.5 * r.standard_normal(v.shape)
        if "variance" in v.path:
            value = 0.5 + np.abs(value)
        v.assign(value.astype(np.float32))


@case
def bidirectional_merge_modes():
    x = keras.Input((None, 4), name="x")
    y = []
    for mode in ("sum", "mul", "ave", "concat"):
        y.append(L.Bidirectional(L.GRU(3, return_sequences=mode != "mul"), merge_mode=mode, name=mode)(x))
    y += L.Bidirectional(L.LSTM(3, return_sequences=True, return_state=True), merge_mode=None, name="none")(x)
    return keras.Model(x, y), {"x": floats(2, 6, 4)}, ("h5", "weights")


@case
def bidirectional_masked():
    i = ids_input()
    e = L.Embedding(8, 4, mask_zero=True, name="emb")(i)
    a = L.Bidirectional(L.GRU(3, return_sequences=True), name="seq")(e)
    b = L.Bidirectional(L.LSTM(3), merge_mode="sum", name="last")(e)
    c = L.GlobalAveragePooling1D(name="mean")(a)
    return keras.Model(i, [a, b, c]), {"ids": IDS}, ("h5",)


@case
def all_padding():
    i = ids_input()
    e = L.Embedding(8, 4, mask_zero=True, name="emb")(i)
    a = L.LSTM(3, return_sequences=True, name="lstm")(e)
    b = L.SimpleRNN(3, go_backwards=True, return_sequences=True, name="rnn")(a)
    return keras.Model(i, [a, b]), {"ids": PADDED}, ()


@case
def masked_sequential():
    m = keras.Sequential([
        ids_input(), L.Embedding(8, 4, mask_zero=True, name="emb"), L.SpatialDropout1D(0.2, name="drop"),
        L.LSTM(5, return_sequences=True, name="one"), L.BatchNormalization(name="bn"), L.Dropout(0.5, name="more"),
        L.GRU(4, go_backwards=True, return_sequences=True, reset_after=False, name="two"),
        L.TimeDistributed(L.Dense(3, activation="relu"), name="td"), L.SimpleRNN(3, name="three"),
        L.Dense(2, activation="softmax", name="out")])
    return m, {"ids": IDS}, ("h5", "weights")


@case
def masking_layer():
    x = floats(2, 6, 3)
    x[0, 2] = 0.5
    x[1, :3] = 0.5
    x[0, 4, 1] = 0.5
    m = keras.Sequential([
        keras.Input((None, 3), name="x"), L.Masking(0.5, name="mask"),
        L.LSTM(4, return_sequences=True, zero_output_for_mask=True, name="lstm"), L.GlobalAveragePooling1D(name="mean")])
    return m, {"x": x}, ()


@case
def states_and_backwards():
    x = keras.Input((None, 4), name="x")
    q = keras.Input((None, 3), name="q")
    y, h, c = L.LSTM(5, return_sequences=True, return_state=True, name="enc")(x)
    z, g = L.GRU(5, return_state=True, go_backwards=True, name="back")(y, initial_state=c)
    d, dh, dc = L.LSTM(5, return_sequences=True, return_state=True, go_backwards=True, name="dec")(
        q, initial_state=[h, c])
    return keras.Model([x, q], [y, z, g, d, dh, dc]), {"x": floats(2, 6, 4), "q": floats(2, 3, 3, seed=8)}, ("h5",)


@case
def initial_state_masked():
    i = ids_input()
    s = keras.Input((4,), name="s")
    e = L.Embedding(8, 4, mask_zero=True, name="emb")(i)
    mask = keras.ops.not_equal(i, 0)
    a = L.GRU(4, return_sequences=True, name="ignores")(e, initial_state=s)
    b = L.GRU(4, return_sequences=True, name="heeds")(e, initial_state=s, mask=mask)
    c = L.Bidirectional(L.GRU(4, return_sequences=True), name="both")(e, initial_state=[s, s], mask=mask)
    d = L.SimpleRNN(3, name="after")(a)
    return keras.Model([i, s], [a, b, c, d]), {"ids": IDS, "s": floats(3, 4)}, ("h5",)


@case
def rnn_of_cells():
    x = keras.Input((None, 4), name="x")
    i = ids_input()
    e = L.Embedding(8, 4, mask_zero=True, name="emb")(i)
    a = L.RNN(L.LSTMCell(3), return_sequences=True, name="one")(x)
    b = L.RNN([L.GRUCell(3), L.LSTMCell(2), L.SimpleRNNCell(4)], return_sequences=True, name="stack")(x)
    c = L.RNN([L.GRUCell(3, reset_after=False), L.LSTMCell(2)], return_sequences=True, name="masked")(e)
    return keras.Model([x, i], [a, b, c]), {"x": floats(3, 5, 4), "ids": IDS}, ("h5", "weights")


@case
def convolutions():
    x = keras.Input((None, 4), name="x")
    f = keras.Input((11, 4), name="f")
    y = [
        L.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu", name="causal")(x),
        L.Conv1D(6, 4, padding="same", dilation_rate=2, use_bias=False, name="same")(x),
        L.Conv1D(6, 3, strides=2, groups=2, activation="tanh", name="valid")(x),
        L.Conv1D(5, 3, strides=2, padding="causal", name="causal2")(x),
        L.Conv1D(5, 4, strides=3, padding="same", name="same3")(f),
        L.MaxPooling1D(3, strides=2, name="max")(x),
        L.MaxPooling1D(3, strides=2, padding="same", name="maxsame")(f),
        L.AveragePooling1D(3, strides=2, padding="same", name="avgsame")(f),
        L.AveragePooling1D(2, strides=1, padding="same", name="avg1")(x),
        L.GlobalMaxPooling1D(name="gmax")(x),
        L.GlobalAveragePooling1D(keepdims=True, name="gavg")(x),
        L.UpSampling1D(3, name="up")(x),
        L.ZeroPadding1D((2, 1), name="pad")(x),
        L.Cropping1D((1, 2), name="crop")(x),
    ]
    return keras.Model([x, f], y), {"x": floats(2, 9, 4), "f": floats(2, 11, 4, seed=9)}, ("h5",)


@case
def attention_masked():
    q = ids_input("q")
    v = ids_input("v")
    e = L.Embedding(8, 4, mask_zero=True, name="emb")
    eq, ev = e(q), e(v)
    a, s = L.Attention(use_scale=True, name="dot")([eq, ev], return_attention_scores=True)
    b = L.AdditiveAttention(name="add")([eq, ev, ev])
    c = L.Attention(score_mode="concat", use_scale=True, name="cat")([eq, ev])
    d = L.Attention(name="causal")([eq, ev], use_causal_mask=True)
    f = L.GRU(3, name="after")(a)
    return keras.Model([q, v], [a, s, b, c, d, f]), {"q": IDS, "v": PADDED[:, :5]}, ("h5",)


@case
def multi_head():
    x = keras.Input((None, 6), name="x")
    m = keras.Input((None, 5), name="m")
    a = L.MultiHeadAttention(2, 3, name="self")(x, x, use_causal_mask=True)
    b, s = L.MultiHeadAttention(3, 4, value_dim=2, output_shape=7, name="cross")(x, m, return_attention_scores=True)
    c = L.MultiHeadAttention(2, 3, use_bias=False, name="keyed")(x, m, key=m)
    n = L.LayerNormalization(name="norm")(L.Add(name="sum")([x, a]))
    return keras.Model([x, m], [a, b, s, c, n]), {"x": floats(2, 5, 6), "m": floats(2, 7, 5, seed=9)}, ("h5", "weights")


@case
def multi_head_masked():
    i = ids_input()
    e1 = L.Embedding(8, 4, mask_zero=True, name="e1")(i)
    e2 = L.Embedding(8, 4, mask_zero=True, name="e2")(i)
    e3 = L.Embedding(8, 4, mask_zero=True, name="e3")(i)
    a = L.MultiHeadAttention(2, 3, name="plain")(e1, e1)
    b, s = L.MultiHeadAttention(2, 3, name="scores")(e2, e2, return_attention_scores=True, use_causal_mask=True)
    c = L.MultiHeadAttention(2, 3, dropout=0.1, name="dropped")(e3, e3, use_causal_mask=True)
    d = L.GRU(3, name="after")(a)
    return keras.Model(i, [a, b, s, c, d]), {"ids": PADDED}, ("h5",)


@case
def merges():
    x = keras.Input((None, 4), name="x")
    z = keras.Input((None, 4), name="z")
    i = ids_input()
    e = L.Embedding(8, 4, mask_zero=True, name="emb")(i)
    masked = L.Concatenate(name="cat")([e, x])
    both = L.Add(name="both")([e, L.Embedding(8, 4, mask_zero=True, name="other")(i)])
    time = L.Concatenate(axis=1, name="time")([e, x])
    y = [
        L.Add(name="sum3")([x, z, x]), L.Subtract(name="minus")([x, z]), L.Multiply(name="times")([x, z]),
        L.Average(name="avg")([x, z]), L.Maximum(name="maxi")([x, z]), L.Minimum(name="mini")([x, z]),
        L.Dot(axes=2, name="dot")([x, z]), L.Dot(axes=1, normalize=True, name="cos")([x, z]),
        L.LSTM(3, name="l1")(masked), L.LSTM(3, name="l2")(both), L.LSTM(3, name="l3")(time),
        (x * 2.0 + z)[:, -1, :], 1.0 - x[:, :2], keras.ops.mean(x, axis=1),
    ]
    return keras.Model([x, z, i], y), {"x": floats(3, 7, 4), "z": floats(3, 7, 4, seed=9), "ids": IDS}, ()


@case
def activations():
    x = keras.Input((None, 4), name="x")
    names = ("relu relu6 leaky_relu elu selu celu softplus softsign silu gelu tanh sigmoid hard_sigmoid hard_silu "
             "hard_tanh exponential linear mish log_sigmoid log_softmax softmax soft_shrink hard_shrink tanh_shrink "
             "squareplus sparse_plus sparse_sigmoid glu").split()
    y = [L.Activation(n, name="a_" + n)(3 * x) for n in names]
    y += [L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.3, name="relu_l")(x), L.LeakyReLU(0.2, name="leaky")(x),
          L.PReLU(shared_axes=[1], name="prelu")(x), L.ELU(0.7, name="elu_l")(x), L.Softmax(axis=1, name="soft")(x),
          L.Rescaling(0.5, offset=1.0, name="rescale")(x)]
    return keras.Model(x, y), {"x": floats(2, 5, 4)}, ()


@case
def recurrent_activations():
    x = keras.Input((None, 4), name="x")
    y = []
    for a, r in (("relu", "hard_sigmoid"), ("softsign", "sigmoid"), ("gelu", "tanh"), ("relu6", "hard_silu"),
                 ("hard_tanh", "softmax")):
        for layer in (L.LSTM, L.GRU):
            y.append(layer(3, activation=a, recurrent_activation=r, return_sequences=True,
                           name=f"{layer.__name__.lower()}_{a}_{r}")(x))
    y.append(L.GRU(3, activation="exponential", reset_after=False, go_backwards=True, name="gru_before")(x))
    y.append(L.SimpleRNN(3, activation="mish", name="rnn")(x))
    y.append(L.GRU(3, use_bias=False, name="nobias")(x))
    y.append(L.LSTM(3, use_bias=False, name="nobias_lstm")(x))
    return keras.Model(x, y), {"x": floats(2, 5, 4)}, ()


@case
def shapes():
    x = keras.Input((6, 4), name="x")
    v = keras.Input((5,), name="v")
    t = keras.Input((None, 3, 4), name="t")
    norm = L.Normalization(mean=0.5, variance=2.0, name="norm")
    y = [
        L.Flatten(name="flat")(x), L.Reshape((-1, 8), name="re")(x), L.Permute((2, 1), name="perm")(x),
        L.RepeatVector(3, name="rep")(v), L.BatchNormalization(axis=1, scale=False, name="bn")(x),
        norm(x), L.LayerNormalization(center=False, epsilon=1e-5, name="ln")(x),
        L.TimeDistributed(L.LSTM(3), name="each")(t), L.TimeDistributed(L.Flatten(), name="flats")(t),
        L.GaussianNoise(0.3, name="noise")(x), L.Dense(3, name="dense")(t),
    ]
    return keras.Model([x, v, t], y), {"x": floats(2, 6, 4), "v": floats(2, 5), "t": floats(2, 5, 3, 4)}, ("h5",)


@case
def nested_and_shared():
    x = keras.Input((None, 4), name="x")
    z = keras.Input((None, 4), name="z")
    inner = keras.Sequential([keras.Input((None, 4)), L.Dense(3, name="d"), L.BatchNormalization(name="b"),
                              L.GRU(3, return_sequences=True, name="g")], name="inner")
    i1 = keras.Input((None, 3), name="i1")
    fun = keras.Model(i1, [L.Dense(2, name="p")(i1), L.Dense(2, name="q")(i1)], name="fun")
    shared = L.LSTM(3, return_sequences=True, name="shared")
    a, b = fun(inner(x))
    return (keras.Model({"x": x, "z": z}, {"u": a, "v": b, "w": shared(x), "s": shared(z), "i": inner(z)}),
            {"x": floats(2, 5, 4), "z": floats(2, 5, 4, seed=9)}, ("h5", "weights"))


@case
def stateful():
    m = keras.Sequential([keras.Input(batch_shape=(2, 4, 3), name="x"), L.LSTM(3, stateful=True, return_sequences=True,
                          name="lstm"), L.GRU(2, stateful=True, name="gru")])
    return m, {"x": floats(3, 2, 4, 3)}, ("h5",)


@case
def mixed_precision_policy():
    m = keras.Sequential([keras.Input((None, 3), name="x", dtype="float32"),
                          L.GRU(4, dtype="mixed_float16", name="gru"), L.Dense(2, dtype="float32", name="out")])
    return m, {"x": floats(2, 5, 3)}, ()


def pack(path):
    with zipfile.ZipFile(path) as z:
        entries = [(i.filename, z.read(i)) for i in z.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, data in entries:
            z.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def write(folder, name):
    keras.utils.clear_session()
    keras.utils.set_random_seed(5)
    model, inputs, more = CASES[name]()
    randomise(model)
    if name == "stateful":
        outputs = np.stack([model.predict(x, verbose=0) for x in inputs["x"]])
    else:
        outputs = model(inputs if len(model.inputs) > 1 else next(iter(inputs.values())), training=False)
    if isinstance(outputs, dict):
        outputs = {k: np.asarray(v) for k, v in outputs.items()}
    else:
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        outputs = {f"y{i}": np.asarray(y) for i, y in enumerate(outputs)}
    target = os.path.join(folder, name)
    os.makedirs(target, exist_ok=True)
    model.save(os.path.join(target, "model.keras"))
    pack(os.path.join(target, "model.keras"))
    if "h5" in more:
        model.save(os.path.join(target, "model.h5"))
    if "weights" in more:
        model.save_weights(os.path.join(target, "model.weights.h5"))
    io = {"in." + k: np.ascontiguousarray(v) for k, v in inputs.items()}
    io |= {"out." + k: np.ascontiguousarray(v.astype(np.float32)) for k, v in outputs.items()}
    save_file(io, os.path.join(target, "io.safetensors"))
    loose = name == "mixed_precision_policy"
    with open(os.path.join(target, "case.json"), "w") as f:
        json.dump({"keras": keras.__version__, "outputs": {k: list(v.shape) for k, v in outputs.items()},
                   "tolerance": {"atol": 2e-3 if loose else 1e-5, "rtol": 1e-2 if loose else 1e-4}}, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    for case_name in sys.argv[2:] or CASES:
        write(sys.argv[1], case_name)
