# Writes the four HDF5 files of this folder with h5py 3.7: python3 test/golden/nir/make.py && gzip -9n test/golden/nir/*.nir
#
# odd-*: what an importer may meet and must read (types, byte orders, texts, storage, large groups).
# refused-*: what it must refuse, each with a reason of its own. "earliest" and "latest" are HDF5's two ways
# to lay out a file.
import h5py, numpy as np
def make(path, libver):
    with h5py.File(path, "w", libver=libver) as f:
        f["version"] = "1.0.8"
        node = f.create_group("node")
        node["type"] = "NIRGraph"
        node.create_dataset("edges", data=np.zeros((0,)))
        nodes = node.create_group("nodes")
        dtypes = nodes.create_group("dtypes")
        dtypes["type"] = np.bytes_("Odd")
        for d in "<f2 >f2 <f4 >f4 <f8 >f8 |i1 <i2 >i2 <i4 >i4 <i8 >i8 |u1 <u2 >u2 <u4 >u4 <u8 >u8".split():
            dtypes.create_dataset("vector " + d, data=np.array([1, 0, 3, 100]).astype(d))
            dtypes.create_dataset("scalar " + d, data=np.array(7).astype(d))
        dtypes["bool"] = np.array([True, False, True])
        texts = nodes.create_group("texts")
        texts.create_dataset("type", data="Odd", dtype=h5py.string_dtype("ascii"))
        texts["variable"] = "grün"
        texts["fixed"] = np.bytes_("abc")
        space = h5py.h5t.C_S1.copy(); space.set_size(8); space.set_strpad(h5py.h5t.STR_SPACEPAD)
        d = h5py.h5d.create(texts.id, b"space padded", space, h5py.h5s.create(h5py.h5s.SCALAR))
        d.write(h5py.h5s.create(h5py.h5s.SCALAR), h5py.h5s.create(h5py.h5s.SCALAR), np.array(b"ab c    ", dtype="S8"), space)
        texts["list"] = np.array(["a", "", "ccc"], dtype=object)
        storage = nodes.create_group("storage")
        storage["type"] = "Odd"
        a = (np.arange(14 * 9) % 7).reshape(14, 9).astype("f4")
        for name, how in {"contiguous": {}, "chunked": dict(chunks=(4, 5)), "gzip": dict(compression="gzip"), "lzf": dict(compression="lzf"),
              "lzf shuffle": dict(compression="lzf", shuffle=True), "gzip shuffle fletcher32": dict(compression="gzip", shuffle=True, fletcher32=True),
              "lzf shuffle fletcher32": dict(compression="lzf", shuffle=True, fletcher32=True), "fletcher32": dict(fletcher32=True),
              "growing": dict(maxshape=(None, None))}.items():
            storage.create_dataset(name, data=a, **({"chunks": (4, 5)} if how else {}) | how)
        storage.create_dataset("one chunk", data=a, chunks=a.shape, compression="gzip")
        c = h5py.h5p.create(h5py.h5p.DATASET_CREATE); c.set_layout(h5py.h5d.COMPACT)
        h5py.h5d.create(storage.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(a.shape), c).write(h5py.h5s.ALL, h5py.h5s.ALL, a)
        storage.create_dataset("fill value", shape=a.shape, chunks=(4, 5), dtype="f4", fillvalue=2.5)
        many = nodes.create_group("many")
        many["type"] = "Odd"
        many.create_dataset("paged", data=np.arange(1100, dtype="i2"), chunks=(1,))
        for i in range(60): many[f"field {i}"] = np.int32(i)
    with h5py.File(path.replace("odd", "refused"), "w", libver=libver) as f:
        f["node/type"] = "NIRGraph"
        f["node/edges"] = np.array([["a", "b"]], dtype=object)
        g = f.create_group("node/nodes/bad")
        g["type"] = "Odd"
        g.create_dataset("szip", data=a, compression="szip", chunks=(14, 9))
        g.create_dataset("scaleoffset", data=a.astype("i4"), scaleoffset=0, chunks=(14, 9))
        g["complex"] = np.zeros(3, "c8")
        g["null"] = h5py.Empty("f4")
        g["beyond 2^53"] = np.array([2**53 + 1])
        g.create_dataset("huge", shape=(10**9,), dtype="f4")
        g.create_dataset("huge chunked", shape=(10**9,), dtype="f4", chunks=(1000,))
        g["soft link"] = h5py.SoftLink("/nowhere")
        g.create_dataset("metadata/complex", data=np.zeros(3, "c8"))
        f.create_group("node/nodes/typeless")["weight"] = a
        f["node/nodes/dataset"] = 1
for v in ("earliest", "latest"): make(f"test/golden/nir/odd-{v}.nir", v)
