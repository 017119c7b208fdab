import type { PixelHead, Quantisation } from "../../../src/model/pixel-model.ts"

/** Bytes of a descriptor of so many values. */
export const descriptorBytes = (dims: number, { type }: Quantisation) => (type === "int8" ? dims : Math.ceil(dims / 2))

/** The head's logit of a quantised descriptor. */
export function logitOfDescriptor(descriptor: Int8Array, head: PixelHead, { type, scale }: Quantisation): number {
  const weights = weightsOf(head)
  let sum = 0
  if (type === "int8") for (let at = 0; at < descriptor.length; at++) sum += weights[at]! * descriptor[at]!
  else {
    for (let at = 0; at < descriptor.length; at++) {
      const pair = descriptor[at]! + 128
      sum += weights[2 * at]! * ((pair >> 4) - 8) + weights[2 * at + 1]! * ((pair & 15) - 8)
    }
  }
  return sum / scale + head.bias
}

const decoded = new WeakMap<PixelHead, Float32Array>()

function weightsOf(head: PixelHead): Float32Array {
  const known = decoded.get(head)
  if (known) return known
  const bytes = new Uint8Array(Buffer.from(head.weights, "base64")) // its own buffer, so aligned
  const weights = new Float32Array(bytes.buffer)
  decoded.set(head, weights)
  return weights
}
