/** What a tiny ONNX model is made with; every field may be wrong on purpose. */
export interface TinyModel {
  readonly input?: string
  readonly rank?: number
  readonly output?: string
  readonly opset?: number
  /** Domain of its node and of a second opset. */
  readonly domain?: string
  /** Says of a tensor that its values lie in another file. */
  readonly externalData?: boolean
}

const FLOAT = 1

/** An ONNX model (onnx.proto3): the mean of every picture of a float batch, as `logit`. */
export function tinyModel(model: TinyModel = {}): Uint8Array<ArrayBuffer> {
  const { input = "x", rank = 4, output = "logit", opset = 13, domain } = model
  const axes = concat(string(1, "axes"), ...[1, 2, 3].map((axis) => number(8, axis)), number(20, 7))
  const keep = concat(string(1, "keepdims"), number(3, 0), number(20, 2))
  const node = concat(
    string(1, input),
    string(2, output),
    string(4, "ReduceMean"),
    message(5, axes),
    message(5, keep),
    ...(domain ? [string(7, domain)] : []),
  )
  const tensor = concat(
    number(1, 1),
    number(2, FLOAT),
    string(8, "spare"),
    message(13, string(1, "location")),
    number(14, 1),
  )
  const graph = concat(
    message(1, node),
    string(2, "tiny"),
    ...(model.externalData ? [message(5, tensor)] : []),
    message(11, value(input, rank)),
    message(12, value(output, 1)),
  )
  const opsets = [concat(string(1, ""), number(2, opset)), ...(domain ? [concat(string(1, domain), number(2, 1))] : [])]
  return concat(number(1, 7), message(7, graph), ...opsets.map((own) => message(8, own)))
}

function value(name: string, rank: number): Uint8Array {
  const dimensions = Array.from({ length: rank }, (_, place) => message(1, string(2, `d${place}`)))
  const tensor = concat(number(1, FLOAT), message(2, concat(...dimensions)))
  return concat(string(1, name), message(2, message(1, tensor)))
}

const string = (field: number, text: string) => message(field, new TextEncoder().encode(text))
const message = (field: number, bytes: Uint8Array) => concat(varint(field * 8 + 2), varint(bytes.length), bytes)
const number = (field: number, n: number) => concat(varint(field * 8), varint(n))

function varint(n: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = n; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest & 127) | 128)
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts))
}
