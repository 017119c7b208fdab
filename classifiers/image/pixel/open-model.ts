import { InferenceSession, Tensor } from "onnxruntime-node"
import { WatchlineError } from "../../../src/errors.ts"
import type { PixelModelManifest } from "../../../src/model/pixel-model.ts"
import type { PixelReading } from "../../../src/model/pixel-score.ts"
import type { Pixels } from "../pixels.ts"
import { descriptorBytes, logitOfDescriptor } from "./linear-head.ts"
import { squareCount, squaresOf } from "./model-input.ts"
import { noiseOf } from "./parity-noise.ts"
import { type PixelModelFiles, readPixelHead, readPixelModel } from "./read-manifest.ts"

/** A model that looks at pixels. */
export interface PixelModel {
  readonly name: string
  /** Version of its calibration; without one it never speaks. */
  readonly calibration?: string | undefined
  /** What is to be kept. Never rejects: a model that can't answer says so. The pixels stay the caller's to overwrite. */
  read(pixels: Pixels): Promise<PixelReading>
  close(): Promise<void>
}

type Opened = Omit<PixelModelFiles, "onnx">

/** How far the answer to the parity vector may be from what the manifest says. */
const parityTolerance = 1e-3

/**
 * Opens a model for one thread, and makes sure that it answers here as it did where it came from.
 *
 * @throws `model_refused`
 */
export async function openPixelModel(manifestFile: string): Promise<PixelModel> {
  // the file's bytes are not kept: the runtime has its own copy
  const { onnx, ...files } = readPixelModel(manifestFile)
  const { manifest, name } = files
  const before = process.memoryUsage.rss()
  const session = await openSession(onnx, name)
  try {
    const { size } = manifest.input
    const count = squareCount(size)
    const noise = noiseOf(manifest.parity.seed, count * size.crop * size.crop * 3)
    const logit = logitOf(files, await look(files, session, noise, count))
    if (!(Math.abs(logit - manifest.parity.logit) <= parityTolerance))
      throw new WatchlineError("model_refused", {
        message: `${name} answers ${logit} to its parity vector, not ${manifest.parity.logit}.`,
        remedy:
          "The model or its manifest was changed, or this machine computes differently: get both again, or use another model.",
      })
    const grown = (process.memoryUsage.rss() - before) / 2 ** 20
    if (grown > manifest.limits.memoryMb)
      throw new WatchlineError("model_refused", {
        message: `${name} needs ${Math.round(grown)} MB, more than its limit of ${manifest.limits.memoryMb}.`,
        remedy: "Use a smaller model, or raise limits.memoryMb in its manifest.",
      })
  } catch (error) {
    await session.release()
    throw error
  }
  return {
    name,
    calibration: manifest.calibration?.version,
    async read(pixels) {
      const { timeoutMs } = manifest.limits
      const began = performance.now()
      try {
        const reading = await within(timeoutMs, readWith(files, session, pixels))
        // Preparing the squares lets no timer fire.
        if (performance.now() - began > timeoutMs) throw new TimeUp()
        return reading
      } catch (error) {
        return { model: name, failed: error instanceof TimeUp ? "model_timeout" : "model_failed" }
      }
    },
    close: () => session.release(),
  }
}

/** Several models; one that is refused here answers nothing but that it failed, so that a crawl goes on and its score abstains. */
export async function openPixelModels(manifestFiles: readonly string[]): Promise<PixelModel[]> {
  const models: PixelModel[] = []
  for (const file of manifestFiles) models.push(await openPixelModel(file).catch(() => failing(file)))
  return models
}

function failing(manifestFile: string): PixelModel {
  const { name } = readPixelHead(manifestFile)
  return { name, read: async () => ({ model: name, failed: "model_failed" }), close: async () => {} }
}

async function openSession(onnx: Uint8Array, name: string): Promise<InferenceSession> {
  try {
    // From memory: a model that was checked can't be exchanged in between, and has no folder to look for other files in.
    return await InferenceSession.create(onnx, {
      executionProviders: ["cpu"],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      // Measured: the arena uses again what a run needed, 40 MB less than malloc; with the pattern each answer held its run's memory, 80 MB more.
      enableCpuMemArena: true,
      enableMemPattern: false,
      logSeverityLevel: 3,
    })
  } catch (cause) {
    throw new WatchlineError("model_refused", {
      cause,
      message: `${name} can't be opened by the runtime.`,
      remedy: "Export the model again with standard operators.",
    })
  }
}

async function readWith(files: Opened, session: InferenceSession, pixels: Pixels): Promise<PixelReading> {
  const { manifest, name } = files
  if (pixels.width * pixels.height > manifest.input.maxPixels) return { model: name, failed: "model_failed" }
  const squares = squaresOf(pixels, manifest.input.size)
  try {
    const answer = await look(files, session, squares, squareCount(manifest.input.size))
    if (!manifest.descriptor) return { model: name, logit: logitOf(files, answer) }
    const descriptor = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength).toString("base64")
    return { model: name, descriptorName: manifest.descriptor.name, descriptor }
  } finally {
    squares.fill(0)
  }
}

type Answer = Int8Array | Float32Array

async function look(
  { manifest }: Opened,
  session: InferenceSession,
  squares: Uint8Array,
  count: number,
): Promise<Answer> {
  const { input, output, descriptor } = manifest
  const fed = tensorOf(input, squares, count)
  const answer = (await session.run({ [input.name]: fed }, [output.name]))[output.name]!
  const values = answer.data
  if (descriptor) {
    if (!(values instanceof Int8Array) || values.length !== descriptorBytes(descriptor.dims, descriptor.quantisation))
      throw new WatchlineError("model_refused", {
        message: `The descriptor has no ${descriptor.dims} values as promised.`,
      })
    return values
  }
  if (
    !(values instanceof Float32Array) ||
    (values.length !== count && values.length !== 2 * count && values.length !== 1)
  )
    throw new WatchlineError("model_refused", { message: "The output is no float of one or two values a picture." })
  return values
}

/** The model's answer as one logit: the mean over its squares. */
function logitOf({ manifest, head }: Opened, answer: Answer): number {
  const { output, descriptor, input } = manifest
  if (descriptor && head && answer instanceof Int8Array) return logitOfDescriptor(answer, head, descriptor.quantisation)
  const perSquare = answer.length === 2 * squareCount(input.size) ? 2 : 1
  let sum = 0
  for (let at = 0; at < answer.length; at += perSquare) {
    const value = answer[at + (perSquare === 2 ? output.positive : 0)]!
    if (output.kind === "probability") sum += Math.log(bounded(value) / (1 - bounded(value)))
    else sum += perSquare === 2 ? value - answer[at + 1 - output.positive]! : value
  }
  return sum / (answer.length / perSquare)
}

const bounded = (probability: number) => Math.min(1 - 1e-6, Math.max(1e-6, probability))

function tensorOf(input: PixelModelManifest["input"], squares: Uint8Array, count: number): Tensor {
  const side = input.size.crop
  const nchw = input.layout === "nchw"
  const dims = nchw ? [count, 3, side, side] : [count, side, side, 3]
  const plain = input.dtype === "uint8" && !nchw && input.color === "rgb"
  if (plain) return new Tensor("uint8", squares, dims)
  const values = input.dtype === "uint8" ? new Uint8Array(squares.length) : new Float32Array(squares.length)
  const area = side * side
  for (let square = 0; square < count; square++) {
    for (let at = 0; at < area; at++) {
      for (let channel = 0; channel < 3; channel++) {
        const lane = input.color === "bgr" ? 2 - channel : channel
        const value = squares[(square * area + at) * 3 + lane]!
        const to = nchw ? (square * 3 + channel) * area + at : (square * area + at) * 3 + channel
        values[to] =
          input.dtype === "uint8" ? value : ((value * input.range) / 255 - input.mean[channel]!) / input.std[channel]!
      }
    }
  }
  return new Tensor(input.dtype, values as Float32Array, dims)
}

class TimeUp extends Error {}

function within<Result>(millis: number, work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TimeUp()), millis)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
