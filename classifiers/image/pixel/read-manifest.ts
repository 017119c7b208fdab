import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { WatchlineError } from "../../../src/errors.ts"
import {
  isPixelHead,
  manifestProblem,
  type PixelHead,
  type PixelModelManifest,
} from "../../../src/model/pixel-model.ts"
import { descriptorBytes } from "./linear-head.ts"
import { readOnnxFacts } from "./onnx-facts.ts"

export interface PixelModelFiles {
  readonly manifest: PixelModelManifest
  /** Id and version, as findings name it. */
  readonly name: string
  readonly head?: PixelHead
  /** The ONNX file's bytes, checked. */
  readonly onnx: Uint8Array
}

/** It is kept with every image that was ever seen. */
const mostDescriptorBytes = 2048

/** More than this is neither fast enough nor small enough for an examiner's worker. */
const mostBytes = 512 << 20

/**
 * Reads a model's manifest and the files that it pins, and checks everything that can be known without running it.
 *
 * @throws `model_refused`, with what is wrong and what to do
 */
export function readPixelModel(manifestFile: string): PixelModelFiles {
  const manifest = parse(manifestFile)
  const { file, descriptor, limits } = manifest
  const folder = dirname(manifestFile)
  if (file.bytes > Math.min(limits.maxModelBytes, mostBytes))
    refuse(`The model has ${file.bytes} bytes, more than its limit of ${limits.maxModelBytes}.`, "Use a smaller model.")
  const onnx = pinned(folder, file)
  checkGraph(manifest, onnx)
  const name = `${manifest.id}@${manifest.version}`
  if (!descriptor) return { manifest, name, onnx }
  return { manifest, name, onnx, head: readHead(folder, descriptor) }
}

/** The manifest with its head, without the ONNX file: all that scoring needs. */
export function readPixelHead(manifestFile: string): Omit<PixelModelFiles, "onnx"> {
  const manifest = parse(manifestFile)
  const name = `${manifest.id}@${manifest.version}`
  if (!manifest.descriptor) return { manifest, name }
  return { manifest, name, head: readHead(dirname(manifestFile), manifest.descriptor) }
}

function parse(manifestFile: string): PixelModelManifest {
  const value = json(readOrRefuse(manifestFile), manifestFile)
  const problem = manifestProblem(value)
  if (problem)
    refuse(`${manifestFile} is no manifest of a model: ${problem}`, "Compare it with classifiers/models/README.md.")
  const manifest = value as PixelModelManifest
  if ((manifest.output.kind === "descriptor") !== (manifest.descriptor !== undefined))
    refuse("A model has a descriptor exactly where its output is one.", "Correct output.kind or descriptor.")
  return manifest
}

function readHead(
  folder: string,
  { head, name, dims, quantisation }: NonNullable<PixelModelManifest["descriptor"]>,
): PixelHead {
  const value = json(pinned(folder, head), head.path)
  if (!isPixelHead(value)) return refuse(`${head.path} is no head.`, "Take the head that came with the manifest.")
  if (value.descriptor !== name)
    refuse(
      `The head ${head.path} is for descriptors of ${value.descriptor}, not of ${name}.`,
      "Use a head of this trunk.",
    )
  if (descriptorBytes(dims, quantisation) > mostDescriptorBytes)
    refuse(`A descriptor of ${dims} values needs more than ${mostDescriptorBytes} bytes.`, "Use fewer values, or int4.")
  const length = Buffer.from(value.weights, "base64").length
  if (length !== dims * 4)
    refuse(`The head ${head.path} has ${length / 4} weights for ${dims} values.`, "Use a head of this trunk.")
  return value
}

function pinned(folder: string, pin: { path: string; sha256: string; bytes: number }): Buffer {
  const path = join(folder, pin.path)
  const bytes = readOrRefuse(path, pin.bytes)
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  if (sha256 !== pin.sha256)
    refuse(
      `${path} is not the file that the manifest pins: its SHA-256 is ${sha256}, not ${pin.sha256}.`,
      "Get the file again from where the manifest came from.",
    )
  return bytes
}

function checkGraph({ input, output, file }: PixelModelManifest, onnx: Uint8Array): void {
  const facts = factsOf(onnx)
  if (facts.externalData)
    refuse("The model keeps weights in another file.", "Export it with all weights inside (external data off).")
  const foreign = [...facts.nodeDomains, ...facts.opsets.map((o) => o.domain)].filter(
    (d) => d !== "" && d !== "ai.onnx",
  )
  if (foreign.length > 0)
    refuse(`The model uses operators of ${[...new Set(foreign)].join(", ")}.`, "Only ONNX's own operators are run.")
  const opset = facts.opsets.find((o) => o.domain === "" || o.domain === "ai.onnx")?.version
  if (opset !== file.opset) refuse(`The model's opset is ${opset}, not ${file.opset}.`, "Correct file.opset.")
  const inputs = facts.inputs.filter((i) => !facts.initializers.has(i.name))
  if (inputs.length !== 1 || inputs[0]!.name !== input.name)
    refuse(
      `The model's inputs are ${inputs.map((i) => i.name).join(", ") || "none"}, not ${input.name} alone.`,
      "Correct input.name, or export a model with one input.",
    )
  if (inputs[0]!.rank !== 4)
    refuse(`The model's input has ${inputs[0]!.rank} dimensions, not 4.`, "It takes a batch of pictures.")
  if (!facts.outputs.includes(output.name))
    refuse(`The model has no output ${output.name}, but ${facts.outputs.join(", ")}.`, "Correct output.name.")
}

function factsOf(onnx: Uint8Array): ReturnType<typeof readOnnxFacts> {
  try {
    return readOnnxFacts(onnx)
  } catch (cause) {
    return refuse("The file is no ONNX model.", "Export the model as ONNX.", cause)
  }
}

function readOrRefuse(path: string, bytes?: number): Buffer {
  try {
    if (bytes !== undefined && statSync(path).size !== bytes)
      refuse(`${path} has ${statSync(path).size} bytes, the manifest says ${bytes}.`, "Get the file again.")
    return readFileSync(path)
  } catch (cause) {
    if (cause instanceof WatchlineError) throw cause
    return refuse(`${path} can't be read.`, "Check the path, and that its model lies beside it.", cause)
  }
}

function json(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    return refuse(`${path} is no JSON.`, "Get the file again.", cause)
  }
}

function refuse(message: string, remedy: string, cause?: unknown): never {
  throw new WatchlineError("model_refused", { message, remedy, ...(cause === undefined ? {} : { cause }) })
}
