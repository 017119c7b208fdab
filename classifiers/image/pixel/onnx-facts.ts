/** What an ONNX file says about itself that decides whether it may be run. */
export interface OnnxFacts {
  readonly opsets: readonly { readonly domain: string; readonly version: number }[]
  /** Domains of nodes; "" and "ai.onnx" are ONNX's own. */
  readonly nodeDomains: ReadonlySet<string>
  /** A tensor whose values lie in another file. */
  readonly externalData: boolean
  readonly inputs: readonly { readonly name: string; readonly rank: number }[]
  readonly outputs: readonly string[]
  readonly initializers: ReadonlySet<string>
}

/**
 * Reads the parts of an ONNX model (onnx.proto3) that a loader must know before a runtime sees the file: runtimes follow references to
 * other files and load custom operators on their own.
 *
 * @throws RangeError where the bytes are no such message
 */
export function readOnnxFacts(bytes: Uint8Array): OnnxFacts {
  const facts = {
    opsets: [] as { domain: string; version: number }[],
    nodeDomains: new Set<string>(),
    externalData: false,
    inputs: [] as { name: string; rank: number }[],
    outputs: [] as string[],
    initializers: new Set<string>(),
  }
  for (const field of fieldsOf(bytes)) {
    if (field.number === 8) facts.opsets.push(readOpset(field.bytes))
    else if (field.number === 7) readGraph(field.bytes, facts)
    else if (field.number === 25) facts.nodeDomains.add("(function)") // local functions could carry any operator
  }
  return facts
}

type Collected = {
  nodeDomains: Set<string>
  externalData: boolean
  inputs: { name: string; rank: number }[]
  outputs: string[]
  initializers: Set<string>
}

function readGraph(bytes: Uint8Array, facts: Collected, nested = false): void {
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) readNode(field.bytes, facts)
    else if (field.number === 5) readTensor(field.bytes, facts)
    else if (field.number === 11 && !nested) facts.inputs.push(readValue(field.bytes))
    else if (field.number === 12 && !nested) facts.outputs.push(readValue(field.bytes).name)
  }
}

function readNode(bytes: Uint8Array, facts: Collected): void {
  let domain = ""
  for (const field of fieldsOf(bytes)) {
    if (field.number === 7) domain = text(field.bytes)
    else if (field.number === 5) readAttribute(field.bytes, facts)
  }
  facts.nodeDomains.add(domain)
}

/** Attributes hold tensors and whole graphs too. */
function readAttribute(bytes: Uint8Array, facts: Collected): void {
  for (const field of fieldsOf(bytes)) {
    if (field.number === 5 || field.number === 10) readTensor(field.bytes, facts)
    else if (field.number === 6 || field.number === 11) readGraph(field.bytes, facts, true)
  }
}

function readTensor(bytes: Uint8Array, facts: Collected): void {
  for (const field of fieldsOf(bytes)) {
    if (field.number === 8) facts.initializers.add(text(field.bytes))
    else if (field.number === 13 || (field.number === 14 && field.value === 1)) facts.externalData = true
  }
}

function readOpset(bytes: Uint8Array): { domain: string; version: number } {
  let domain = ""
  let version = 0
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) domain = text(field.bytes)
    else if (field.number === 2) version = field.value
  }
  return { domain, version }
}

/** ValueInfoProto -> TypeProto -> TypeProto.Tensor -> TensorShapeProto. */
function readValue(bytes: Uint8Array): { name: string; rank: number } {
  let name = ""
  let rank = -1
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = text(field.bytes)
    else if (field.number === 2) {
      for (const type of fieldsOf(field.bytes))
        if (type.number === 1)
          for (const tensor of fieldsOf(type.bytes))
            if (tensor.number === 2) rank = [...fieldsOf(tensor.bytes)].filter((d) => d.number === 1).length
    }
  }
  return { name, rank }
}

interface Field {
  readonly number: number
  /** Of a varint. */
  readonly value: number
  /** Of a length-delimited field. */
  readonly bytes: Uint8Array
}

const none = new Uint8Array()

function* fieldsOf(bytes: Uint8Array): Generator<Field, void, void> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError("no protocol buffer")
  }
  while (at < bytes.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    const wire = key % 8
    if (wire === 0) yield { number, value: varint(), bytes: none }
    else if (wire === 2) {
      const length = varint()
      if (at + length > bytes.length) throw new RangeError("a field ends behind its message")
      yield { number, value: 0, bytes: bytes.subarray(at, at + length) }
      at += length
    } else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4
    else throw new RangeError("no protocol buffer")
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
