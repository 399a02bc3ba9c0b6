import { withReverse, type Level } from "./level.ts";

/**
 * The level whose nodes are clusters of another. Nets that have become alike, source and counts included, are merged:
 * their rates and axons add up, and no assignment of the clusters can tell them apart.
 */
export function contract(level: Level, clusterOf: Uint32Array, clusters: number): Level {
  const { nodes, nets, netStart, pin, pinCount, source, rate, axons } = level;
  const size = new Uint32Array(clusters);
  for (let v = 0; v < nodes; v++) size[clusterOf[v]] += level.size[v];
  const newPin = new Uint32Array(pin.length);
  const newCount = new Uint16Array(pin.length);
  const starts = new Uint32Array(nets + 1);
  const newSource = new Uint32Array(nets);
  const newRate = new Float64Array(nets);
  const newAxons = new Uint32Array(nets);
  const place = new Int32Array(clusters).fill(-1);
  const buckets = 2 ** Math.ceil(Math.log2(nets + 1));
  const head = new Int32Array(buckets).fill(-1);
  const nextInBucket = new Int32Array(nets).fill(-1);
  let made = 0;
  let end = 0;
  for (let net = 0; net < nets; net++) {
    const begin = end;
    for (let p = netStart[net]; p < netStart[net + 1]; p++) {
      const c = clusterOf[pin[p]];
      let at = place[c];
      if (at < 0) {
        at = place[c] = end++;
        newPin[at] = c;
        newCount[at] = 0;
      }
      newCount[at] += pinCount === undefined ? 1 : pinCount[p];
    }
    const from = clusterOf[source[net]];
    // Sum of mixed pins: the order of pins does not matter.
    let hash = Math.imul(from + 1, 0x9e3779b1);
    for (let s = begin; s < end; s++) {
      const mixed = Math.imul(newPin[s] + 1, 0x85ebca6b) ^ Math.imul(newCount[s], 0xc2b2ae35);
      hash = (hash + Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f)) | 0;
    }
    const bucket = (hash ^ (hash >>> 16)) & (buckets - 1);
    let twin = head[bucket];
    for (; twin >= 0; twin = nextInBucket[twin]) {
      if (newSource[twin] !== from || starts[twin + 1] - starts[twin] !== end - begin) continue;
      let s = starts[twin];
      while (s < starts[twin + 1]) {
        const at = place[newPin[s]];
        if (at < begin || newCount[at] !== newCount[s]) break;
        s++;
      }
      if (s === starts[twin + 1]) break;
    }
    for (let s = begin; s < end; s++) place[newPin[s]] = -1;
    if (twin >= 0) {
      newRate[twin] += rate[net];
      newAxons[twin] += axons[net];
      end = begin;
      continue;
    }
    newSource[made] = from;
    newRate[made] = rate[net];
    newAxons[made] = axons[net];
    nextInBucket[made] = head[bucket];
    head[bucket] = made;
    starts[++made] = end;
  }
  return withReverse({
    nodes: clusters,
    nets: made,
    size,
    netStart: starts.slice(0, made + 1),
    pin: newPin.slice(0, end),
    pinCount: newCount.slice(0, end),
    source: newSource.slice(0, made),
    rate: newRate.slice(0, made),
    axons: newAxons.slice(0, made),
  });
}
