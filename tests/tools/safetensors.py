"""safetensors.py FILE…: reads files by the letter of the published format, with nothing but the standard library; says what is wrong.
safetensors.py --break FOLDER FILE: writes damaged copies of a file into a folder, each named by what is wrong with it.
safetensors.py --break-loss FOLDER FILE: the same of a file whose loss is a formula.
safetensors.py --break-norm FOLDER FILE: the same of one whose second layer is batchnorm."""
import json
import os
import struct
import sys

SIZES = {"F64": 8, "F32": 4, "U32": 4, "U8": 1}


def unique(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "a name comes twice"
    return dict(pairs)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    assert len(data) >= 8, "shorter than its length"
    (length,) = struct.unpack("<Q", data[:8])
    assert length <= 100_000_000, "header longer than 100 MB"
    assert 8 + length <= len(data), "header cut off"
    assert length % 8 == 0, "data not at a boundary of eight bytes"
    header = json.loads(data[8 : 8 + length].decode("utf-8"), object_pairs_hook=unique)
    return header, data[8 + length :]


def check(path):
    header, data = read(path)
    for key, value in header.pop("__metadata__", {}).items():
        assert isinstance(value, str), f"metadata `{key}` is no text"
    at = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        count = 1
        for side in entry["shape"]:
            count *= side
        assert begin == at, f"`{name}` begins at {begin}, not at {at}"
        assert end - begin == count * SIZES[entry["dtype"]], f"`{name}` is not as long as its shape"
        assert begin % SIZES[entry["dtype"]] == 0, f"`{name}` is not aligned"
        at = end
    assert at == len(data), "bytes behind the last tensor"


def pack(header, data):
    text = header if isinstance(header, bytes) else json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def damaged(header, data):
    def changed(change):
        other = json.loads(json.dumps(header))
        change(other)
        return pack(other, data)

    def meta(key, value):
        return changed(lambda h: h["__metadata__"].__setitem__(key, value))

    def tensor(name, key, value):
        return changed(lambda h: h[name].__setitem__(key, value))

    def place(begin, end):
        return tensor("0.bias", "data_offsets", [begin, end])

    whole = pack(header, data)
    bias = header["0.bias"]["data_offsets"]
    yield "empty", b""
    yield "short", whole[:7]
    yield "header_cut", whole[:100]
    yield "data_cut", whole[:-4]
    yield "data_more", whole + b"\0\0\0\0"
    yield "header_huge", struct.pack("<Q", 2**63) + whole[8:]
    yield "header_long", struct.pack("<Q", 100_000_001) + whole[8:]
    yield "not_utf8", whole.replace(b"0.bias", b"0.bi\xff\xfe")
    yield "not_json", pack(b"{nothing", data)
    yield "a_list", pack(b"[]", data)
    yield "deep", pack(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", data)
    yield "twice", pack(json.dumps(header).replace('"0.bias"', '"0.weight"').encode(), data)
    yield "outside", place(bias[0], bias[1] + 2**40)
    yield "backwards", place(bias[1], bias[0])
    yield "overlap", place(0, bias[1] - bias[0])
    yield "negative", place(-8, bias[1] - bias[0] - 8)
    yield "fraction", place(bias[0] + 0.5, bias[1])
    yield "overflow", tensor("0.bias", "shape", [2**32, 2**32])
    yield "overflow_more", tensor("0.bias", "shape", [2**53] * 9)
    yield "dtype", tensor("0.bias", "dtype", "F17")
    yield "dtype_other", tensor("0.bias", "dtype", "I32")
    yield "metadata", meta("dna", 5)
    yield "newer", meta("nel", "2")
    yield "version", meta("nel", "one")
    yield "dna_other", meta("dna", "T99-O1[head=sigmoid]")
    yield "dna_huge", meta("dna", "T1000000-T1000000-O1[head=sigmoid]")
    yield "dna_open", meta("dna", "T2")
    yield "dna_wrong", meta("dna", "T2--")
    yield "element", meta("elements", json.dumps(['element tanh "T" (x; a = print(5)) = x']))
    yield "statement", meta("elements", json.dumps(['plot([1], to: "harm.txt")']))
    yield "options", meta("options", "{}")
    yield "training", meta("training", "{}")
    yield "inputs", meta("inputs", "[]")
    yield "target", meta("target", "{}")
    yield "loss_none", changed(lambda h: h["__metadata__"].update(options=h["__metadata__"]["options"].replace('"auto"', '"formula"')))
    yield "loss_other", changed(lambda h: h["__metadata__"].update(options=h["__metadata__"]["options"].replace('"auto"', '"hinge"')))
    yield "gene", changed(lambda h: h["__metadata__"].update(training=h["__metadata__"]["training"].replace('gene":', 'gene":9')))

    def note(key, *parts):  # a part of a note in JSON becomes another value
        def change(other):
            told = json.loads(other["__metadata__"][key])
            inner = told
            for name in parts[:-2]:
                inner = inner[name]
            inner[parts[-2]] = parts[-1]
            other["__metadata__"][key] = json.dumps(told)

        return changed(change)

    yield "rate", note("options", "optimizer.lr", -1)
    yield "beta", note("options", "optimizer.beta1", 1)
    yield "clip", note("options", "clip", -1)
    yield "noise", note("options", "noise", "inf")
    yield "smoothing", note("options", "smoothing", 1)
    yield "delta", note("options", "stop.min_delta", -1)
    yield "plateau", note("training", "schedule.plateau", -1)
    yield "plateau_none", note("training", "schedule.plateau", None)
    yield "seconds", note("training", "seconds", -1)
    yield "reports", note("reports", "train", "auc", [7, 7])
    yield "reports_count", note("scores", "train", "count", 3)
    second = header["training.second"]["data_offsets"][0]
    yield "second", pack(header, data[:second] + struct.pack("<f", -1) + data[second + 4 :])
    yield "nan", pack(header, data[: bias[0]] + struct.pack("<f", float("nan")) + data[bias[0] + 4 :])


def damaged_loss(header, data):
    def loss(text):
        other = json.loads(json.dumps(header))
        other["__metadata__"]["loss"] = text
        return pack(other, data)

    yield "loss_statement", loss('plot([1], to: "harm.txt")')
    yield "loss_default", loss("loss l(q = print(5)) (y, t) = q * (y - t)^2")
    yield "loss_open", loss("loss l(q) (y, t) = q * (y - t)^2")
    yield "loss_element", loss('element l "L" (x) = x')
    yield "loss_blind", loss("loss l (y, t) = t^2")
    yield "loss_long", loss("loss l (y, t) = " + "(" * 100_000 + "y" + ")" * 100_000)
    yield "loss_empty", loss("")


def damaged_norm(header, data):
    at = header["1.running_var"]["data_offsets"][0]
    yield "variance", pack(header, data[:at] + struct.pack("<f", -1) + data[at + 4 :])


if __name__ == "__main__":
    if sys.argv[1].startswith("--break"):
        breaks = {"--break": damaged, "--break-loss": damaged_loss, "--break-norm": damaged_norm}[sys.argv[1]]
        for what, content in breaks(*read(sys.argv[3])):
            with open(os.path.join(sys.argv[2], what + ".safetensors"), "wb") as file:
                file.write(content)
    else:
        for path in sys.argv[1:]:
            check(path)
