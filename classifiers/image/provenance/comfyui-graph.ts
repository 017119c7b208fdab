import { arrayOf, type JsonObject, objectOf, stringOf } from "./lenient-json.ts"
import type { Lora } from "./reader.ts"

/** Nodes of a graph that ran. */
export type Graph = readonly Node[]

interface Node {
  readonly id: string
  readonly kind: string
  readonly inputs: JsonObject
}

const maxNodes = 5000

/**
 * Nodes of ComfyUI's API form: every entry has a class and inputs. A few entries beside them are let pass, because services put their own
 * ("extra", "extraMetadata") among the nodes; undefined where it is another kind of object.
 */
export function nodesOf(json: JsonObject): Graph | undefined {
  const nodes: Node[] = []
  let others = 0
  for (const [id, entry] of Object.entries(json).slice(0, maxNodes)) {
    const node = objectOf(entry)
    const kind = stringOf(node?.class_type)
    const inputs = objectOf(node?.inputs)
    if (kind && inputs) nodes.push({ id, kind, inputs })
    else others++
  }
  return nodes.length > 0 && others <= Math.max(4, nodes.length / 4) ? nodes : undefined
}

/**
 * Nodes that make a picture: samplers of ComfyUI and its extensions all carry the word, and so do nodes that decode a latent; detailers
 * and tiled upscalers sample inside; the rest ask a hosted model.
 */
const generating = [
  /k?sampler(?!select)|(?:^|[\s_])sample$|vae ?decode|(?:hyvideo|wanvideo|mochi|cogvideo|layereddiffusion|supir)[\s_]?decode|detailer|ultimatesdupscale/i,
  /^(?:OpenAI(?:Dalle|GPTImage)|Ideogram|Recraft(?:Text|Image)ToImage|Flux(?:Pro|Kontext|2?Max)\w*(?:Image)?Node|Stability(?:Stable|Upscale)|Luma\w*Image|Gemini\w*Image|GoogleImagen|ByteDance\w*Image|Kling\w*Image|Runway\w*Image|Bria\w*Image|Wan\w*ToImageApi|Seedream|QwenImage\w*Api)/,
]

export function generates(graph: Graph): boolean {
  return graph.some(({ kind }) => generating.some((pattern) => pattern.test(kind)))
}

const modelInputs = ["ckpt_name", "unet_name", "base_ckpt_name", "model_name", "checkpoint", "model_path", "model"]

/** The model that the first sampler's `model` input leads back to, otherwise the first one loaded; and every LoRA. */
export function modelsIn(graph: Graph): { model?: string | undefined; baseModel?: string | undefined; loras: Lora[] } {
  const byId = new Map(graph.map((node) => [node.id, node]))
  let node = graph.find(({ kind, inputs }) => generating[0]!.test(kind) && linkOf(inputs.model ?? inputs.guider))
  for (let hops = 0; node && hops < 64 && modelIn(node) === undefined; hops++) {
    const { inputs }: Node = node
    node = byId.get(linkOf(inputs.model ?? inputs.guider ?? inputs.basic_pipe ?? inputs.pipe) ?? "")
  }
  const model = (node && modelIn(node)) ?? graph.map(modelIn).find((name) => name !== undefined)
  const resources = graph.flatMap(({ inputs }) => stringOf(inputs.baseModel) ?? [])
  return { model, baseModel: resources[0], loras: graph.flatMap(lorasIn).slice(0, 100) }
}

/** The text that the first sampler's `positive` input leads back to, otherwise the longest text of an encoder. */
export function promptIn(graph: Graph): string | undefined {
  const byId = new Map(graph.map((node) => [node.id, node]))
  let node = graph.find(({ inputs }) => linkOf(inputs.positive))
  for (let hops = 0; node && hops < 64; hops++) {
    const { inputs }: Node = node
    const text = textIn(node)
    if (text) return text
    const next = inputs.positive ?? inputs.conditioning ?? inputs.conditioning_1 ?? inputs.text ?? inputs.string
    node = byId.get(linkOf(next) ?? "")
  }
  const texts = graph.filter(({ kind }) => /encode|prompt/i.test(kind)).flatMap((encoder) => textIn(encoder) ?? [])
  return texts.sort((a, b) => b.length - a.length)[0]
}

function textIn({ inputs }: Node): string | undefined {
  return ["text", "text_g", "clip_l", "t5xxl", "prompt", "string", "value"]
    .map((key) => stringOf(inputs[key]))
    .find((text) => text !== undefined)
}

/** A link is the number of a node and of its output. */
function linkOf(input: unknown): string | undefined {
  const [id] = arrayOf(input)
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined
}

function modelIn({ kind, inputs }: Node): string | undefined {
  if (!/load|efficient|checkpoint|pipe/i.test(kind) || /lora|upscale|vae|clip|controlnet/i.test(kind)) return undefined
  return modelInputs.map((key) => stringOf(inputs[key])).find((name) => name !== undefined)
}

/** `lora_name`, `lora_name_1` …, stacks whose inputs are objects with `on` and `lora`, and marks in the text of taggers. */
function lorasIn({ kind, inputs }: Node): Lora[] {
  return Object.entries(inputs).flatMap(([key, value]): Lora[] => {
    if (/lora.*(?:tag|text|prompt)|a1111|wildcard/i.test(kind) && typeof value === "string") {
      return [...value.matchAll(/<lora:([^:<>\n]{1,200})/g)].map(([, name]) => ({ name: name! }))
    }
    if (!/^(?:switch_)?lora/i.test(key)) return []
    const stacked = objectOf(value)
    const name = stacked ? (stacked.on === false ? undefined : stringOf(stacked.lora)) : stringOf(value)
    return name && name !== "None" && /^lora(?:_name)?(?:_?\d{1,3})?$/i.test(key) ? [{ name }] : []
  })
}

/** The same of the editor's graph, whose nodes hold the names in their widgets, without saying which is which. */
export function modelsDrawn(workflow: JsonObject): { model?: string | undefined; loras: Lora[] } {
  const named = arrayOf(workflow.nodes)
    .slice(0, maxNodes)
    .flatMap((entry) => {
      const node = objectOf(entry)
      const kind = stringOf(node?.type) ?? ""
      return widgetsOf(node).map((name) => ({ kind, name }))
    })
  const isOther = /vae|clip|controlnet|upscale|embedding/i
  return {
    model: named.find(({ kind }) => !/lora/i.test(kind) && !isOther.test(kind))?.name,
    loras: named
      .filter(({ kind }) => /lora/i.test(kind))
      .slice(0, 100)
      .map(({ name }) => ({ name })),
  }
}

/** Names of weights among a node's widgets; stacks have objects with `on` and `lora`. */
function widgetsOf(node: JsonObject | undefined): string[] {
  const values = Array.isArray(node?.widgets_values)
    ? arrayOf(node.widgets_values)
    : Object.values(objectOf(node?.widgets_values) ?? {})
  return values.slice(0, 200).flatMap((value) => {
    const stacked = objectOf(value)
    const name = stacked ? (stacked.on === false ? undefined : stringOf(stacked.lora)) : stringOf(value)
    return name !== undefined && weights.test(name.slice(-40)) ? [name] : []
  })
}

const weights = /\.(?:safetensors|ckpt|pth?|bin|gguf|sft)$/i
