import type { Metadata, TextField } from "../container/metadata.ts"
import { parameterTexts, textsUnder } from "./carriers.ts"
import { readInfotext } from "./infotext.ts"
import { arrayOf, type JsonObject, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type Lora, type ProvenanceReader, signalOf } from "./reader.ts"

const maxNodes = 5000

/**
 * ComfyUI: the graph that ran (`prompt`, node ids to class and inputs) and the editor's graph (`workflow`). The first with a sampling or
 * decoding node shows that a model made the picture; the second alone only that someone had a graph open.
 */
export const comfyui: ProvenanceReader = {
  family: "comfyui",
  read(metadata) {
    const graphs = graphsIn(metadata)
    const ran = graphs.flatMap(({ carrier, graph }) => {
      const nodes = nodesOf(graph)
      return nodes ? [{ carrier, nodes, generates: nodes.some(({ kind }) => isGenerating(kind)) }] : []
    })
    const best = ran.find(({ generates }) => generates) ?? ran[0]
    if (best) {
      const details = { generator: this.family, ...modelsOf(best.nodes) }
      return [signalOf(this.family, best.generates ? "strong" : "moderate", best.carrier, details)]
    }
    const saved = parameterTexts(metadata).find(({ value }) =>
      readInfotext(value)?.fields.get("Version")?.startsWith("ComfyUI"),
    )
    if (saved) {
      const { fields, loras } = readInfotext(saved.value)!
      const details = { generator: this.family, model: fields.get("Model"), modelHash: fields.get("Model hash"), loras }
      return [signalOf(this.family, "strong", saved.carrier, details)]
    }
    const drawn = graphs.find(({ graph }) => isWorkflow(graph))
    return drawn ? [signalOf(this.family, "moderate", drawn.carrier, { generator: this.family })] : []
  },
}

interface Graph {
  readonly carrier: string
  readonly graph: JsonObject
}

/** PNG texts; EXIF texts that start with the name (Make, Model and the tags below); a UserComment that holds both. */
function graphsIn(metadata: Metadata): Graph[] {
  const candidates: TextField[] = textsUnder(metadata, "prompt", "workflow")
  for (const { carrier, texts } of metadata.exif) {
    for (const value of texts.values()) {
      const name = /^(prompt|workflow):\s{0,4}\{/i.exec(value)?.[1]
      if (name)
        candidates.push({
          carrier: `${carrier}:${name.toLowerCase()}`,
          key: name.toLowerCase(),
          value: value.slice(name.length + 1),
        })
    }
  }
  const direct = candidates.flatMap(({ carrier, value }) => {
    const graph = jsonObject(value)
    return graph ? [{ carrier, graph }] : []
  })
  const wrapped = parameterTexts(metadata).flatMap(({ carrier, value }) => {
    const both = jsonObject(value)
    return [both?.prompt, both?.workflow].flatMap((inner) => {
      const graph = objectOf(inner) ?? jsonObject(stringOf(inner) ?? "")
      return graph ? [{ carrier, graph }] : []
    })
  })
  return [...direct, ...wrapped]
}

interface Node {
  readonly id: string
  readonly kind: string
  readonly inputs: JsonObject
}

/** Nodes of a graph that ran; undefined if it is none: every entry has a class and inputs. */
function nodesOf(graph: JsonObject): Node[] | undefined {
  const nodes: Node[] = []
  for (const [id, entry] of Object.entries(graph).slice(0, maxNodes)) {
    const node = objectOf(entry)
    const kind = stringOf(node?.class_type)
    const inputs = objectOf(node?.inputs)
    if (kind && inputs) nodes.push({ id, kind, inputs })
    else if (node === undefined || !id.startsWith("_")) return undefined
  }
  return nodes.length > 0 ? nodes : undefined
}

/** Samplers of ComfyUI and its extensions all carry the word; so do the nodes that decode a latent. */
function isGenerating(kind: string): boolean {
  return /k?sampler(?!select)|vaedecode|vae decode/i.test(kind)
}

function isWorkflow(graph: JsonObject): boolean {
  return (
    Array.isArray(graph.links) &&
    (Object.hasOwn(graph, "last_node_id") || Object.hasOwn(graph, "version")) &&
    arrayOf(graph.nodes).some((node) => stringOf(objectOf(node)?.type) !== undefined)
  )
}

const modelInputs = ["ckpt_name", "unet_name", "base_ckpt_name", "model_name", "checkpoint"]

/** The model that the first sampler's `model` input leads back to, otherwise the first one loaded; and every LoRA. */
function modelsOf(nodes: readonly Node[]): { model?: string | undefined; loras: Lora[] } {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  let node = nodes.find(({ kind, inputs }) => isGenerating(kind) && Array.isArray(inputs.model))
  for (let hops = 0; node && hops < 64 && modelIn(node) === undefined; hops++) {
    node = byId.get(String(arrayOf(node.inputs.model)[0]))
  }
  const model = (node && modelIn(node)) ?? nodes.map(modelIn).find((name) => name !== undefined)
  return { model, loras: nodes.flatMap(lorasIn).slice(0, 100) }
}

function modelIn({ kind, inputs }: Node): string | undefined {
  if (!/load|efficient|checkpoint|pipe/i.test(kind) || /lora|upscale|vae|clip|controlnet/i.test(kind)) return undefined
  return modelInputs.map((key) => stringOf(inputs[key])).find((name) => name !== undefined)
}

/** `lora_name`, `lora_name_1` …, and stacks whose inputs are objects with `on` and `lora`. */
function lorasIn({ inputs }: Node): Lora[] {
  return Object.entries(inputs).flatMap(([key, value]) => {
    if (!/^lora/i.test(key)) return []
    const stacked = objectOf(value)
    const name = stacked ? (stacked.on === false ? undefined : stringOf(stacked.lora)) : stringOf(value)
    return name && name !== "None" && /^lora(?:_name)?(?:_?\d{1,3})?$/i.test(key) ? [{ name }] : []
  })
}
