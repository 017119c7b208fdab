import type { Signal } from "../../../src/model/fingerprint.ts"
import type { Metadata, TextField } from "../container/metadata.ts"
import { infotexts } from "./automatic1111.ts"
import { parameterTexts, textsUnder } from "./carriers.ts"
import { type Graph, generates, modelsDrawn, modelsIn, nodesOf, promptIn } from "./comfyui-graph.ts"
import { modelOf } from "./infotext.ts"
import { arrayOf, type JsonObject, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, type Trace, traceOf } from "./reader.ts"

/**
 * ComfyUI: the graph that ran (`prompt`, node ids to class and inputs) and the editor's graph (`workflow`). The first with a node that
 * samples, decodes or asks a hosted model shows that a model made the picture; the second alone only that someone had a graph open.
 */
export const comfyui: ProvenanceReader = {
  family: "comfyui",
  read(metadata) {
    const found = jsonIn(metadata)
    const ran = found.flatMap(({ carrier, json }) => {
      const graph = nodesOf(json)
      return graph ? [{ carrier, graph }] : []
    })
    const best = ran.find(({ graph }) => generates(graph)) ?? ran[0]
    if (best && generates(best.graph)) return [ofGraph(best, "strong")]
    const saved = infotexts(metadata).find(({ block }) => block.fields.get("Version")?.startsWith("ComfyUI"))
    if (saved)
      return [traceOf(this.family, "strong", saved.carrier, { generator: this.family, ...modelOf(saved.block) })]
    if (best) return [ofGraph(best, "moderate")]
    const drawn = found.find(({ json }) => isWorkflow(json))
    return drawn ? [traceOf(this.family, "moderate", drawn.carrier, { generator: this.family })] : []
  },
}

/** A graph in a file of its own, as people pass them on: the models that it asks for. Undefined where it is none. */
export function workflowSignal(json: JsonObject): Signal | undefined {
  const graph = nodesOf(json)
  if (graph) return ofGraph({ carrier: "json", graph }, "moderate").signal
  return isWorkflow(json)
    ? traceOf("comfyui", "moderate", "json", { generator: "comfyui", ...modelsDrawn(json) }).signal
    : undefined
}

function ofGraph({ carrier, graph }: { carrier: string; graph: Graph }, strength: "strong" | "moderate"): Trace {
  // Tensor.Art's own loader: the service runs ComfyUI, and people know it by its own name.
  const hosted = graph.some(({ kind }) => /^(?:ECHOCheckpointLoaderSimple|TensorArt_)/.test(kind))
  const generator = hosted ? "tensor-art" : "comfyui"
  return traceOf("comfyui", strength, carrier, { generator, ...modelsIn(graph), prompt: promptIn(graph) })
}

interface FoundJson {
  readonly carrier: string
  readonly json: JsonObject
}

/** PNG texts; EXIF texts that start with the name (Make, Model and the tags below); a UserComment or comment that holds one or both. */
function jsonIn(metadata: Metadata): FoundJson[] {
  const candidates: TextField[] = textsUnder(metadata, "prompt", "workflow", "Prompt", "Workflow")
  for (const { carrier, texts } of metadata.exif) {
    for (const value of texts.values()) {
      const name = /^(prompt|workflow):\s{0,4}(?=[{"])/i.exec(value)?.[1]
      const key = name?.toLowerCase()
      if (key) candidates.push({ carrier: `${carrier}:${key}`, key, value: value.slice(key.length + 1) })
    }
  }
  const direct = candidates.flatMap(({ carrier, value }) => {
    const json = jsonObject(value) ?? quoted(value)
    return json ? [{ carrier, json }] : []
  })
  const wrapped = parameterTexts(metadata).flatMap(({ carrier, value }) => {
    const json = jsonObject(value)
    if (!json) return []
    const inner = [json.prompt, json.workflow].map((one) => objectOf(one) ?? jsonObject(stringOf(one) ?? ""))
    return [...inner, json].flatMap((one) => (one ? [{ carrier, json: one }] : []))
  })
  return [...direct, ...wrapped]
}

/** Some savers write the JSON of the JSON. */
function quoted(value: string): JsonObject | undefined {
  if (!/^\s{0,10}"\s{0,4}\{/.test(value)) return undefined
  return jsonObject(stringOf(jsonObject(`{"text":${value}}`)?.text) ?? "")
}

function isWorkflow(json: JsonObject): boolean {
  return (
    Array.isArray(json.links) &&
    (Object.hasOwn(json, "last_node_id") || Object.hasOwn(json, "version") || objectOf(json.state) !== undefined) &&
    arrayOf(json.nodes).some((node) => stringOf(objectOf(node)?.type) !== undefined)
  )
}
