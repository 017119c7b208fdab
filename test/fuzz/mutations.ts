/** Numbers in [0, 1). */
type Random = () => number

/** Changes one file in one way; `other` is another file of the set. */
type Mutation = (file: Buffer, random: Random, other: Buffer) => Buffer

const lies = [0, 1, 7, 8, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff]

const pick = (random: Random, count: number) => Math.floor(random() * count)

/** Numbers that formats use as lengths, offsets and counts, at any place and in either byte order. */
const lie: Mutation = (file, random) => {
  const changed = Buffer.from(file)
  if (changed.length < 4) return changed
  for (let times = 1 + pick(random, 3); times > 0; times--) {
    // Headers are where lies count; most of a file is pixels.
    const at = pick(random, random() < 0.7 ? Math.min(changed.length, 600) : changed.length)
    const value = lies[pick(random, lies.length)]!
    if (at + 4 > changed.length) continue
    if (random() < 0.3) changed.writeUInt16BE(value & 0xffff, at)
    else if (random() < 0.5) changed.writeUInt32BE(value, at)
    else changed.writeUInt32LE(value, at)
  }
  return changed
}

const flip: Mutation = (file, random) => {
  const changed = Buffer.from(file)
  for (let times = 1 + pick(random, 16); times > 0 && changed.length > 0; times--) {
    const at = pick(random, random() < 0.6 ? Math.min(changed.length, 1000) : changed.length)
    changed[at]! ^= 1 << pick(random, 8)
  }
  return changed
}

const cut: Mutation = (file, random) => file.subarray(0, pick(random, file.length + 1))

const remove: Mutation = (file, random) => {
  const at = pick(random, file.length + 1)
  return Buffer.concat([file.subarray(0, at), file.subarray(at + 1 + pick(random, 64))])
}

/** A piece of the file again, so that structures stand in themselves and counts are wrong. */
const repeat: Mutation = (file, random) => {
  const at = pick(random, file.length + 1)
  const piece = file.subarray(at, at + 1 + pick(random, 2000))
  const times = 1 + pick(random, 20)
  return Buffer.concat([file.subarray(0, at), ...Array.from({ length: times }, () => piece), file.subarray(at)])
}

/** The head of one file before the rest of another: types lie, boxes hold what they should not. */
const splice: Mutation = (file, random, other) =>
  Buffer.concat([file.subarray(0, pick(random, file.length + 1)), other.subarray(pick(random, other.length + 1))])

const nest: Mutation = (file, random, other) => {
  const at = pick(random, file.length + 1)
  return Buffer.concat([file.subarray(0, at), other, file.subarray(at)])
}

const noise: Mutation = (file, random) => {
  const changed = Buffer.from(file)
  const at = pick(random, changed.length + 1)
  for (let n = at; n < Math.min(changed.length, at + 64); n++) changed[n] = pick(random, 256)
  return changed
}

const mutations = { lie, flip, cut, remove, repeat, splice, nest, noise } satisfies Record<string, Mutation>
const names = Object.keys(mutations) as (keyof typeof mutations)[]
const maxBytes = 4 << 20

/** One to three changes of a file, by the given randomness alone. */
export function mutated(file: Buffer, other: Buffer, random: Random): { readonly bytes: Buffer; readonly how: string } {
  const how: string[] = []
  let bytes = file
  for (let times = random() < 0.6 ? 1 : 2 + pick(random, 2); times > 0; times--) {
    const name = names[pick(random, names.length)]!
    bytes = mutations[name](bytes, random, other).subarray(0, maxBytes)
    how.push(name)
  }
  return { bytes, how: how.join(" ") }
}
