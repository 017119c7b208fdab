import { hasAny, matchesOf } from "./character-runs.ts"
import type { FoundArtefact } from "./found-artefact.ts"

const repository = "([A-Za-z0-9][\\w.-]{0,95}\\/[A-Za-z0-9][\\w.-]{0,95})"
/** Functions and arguments of huggingface_hub, diffusers and transformers that take a repository. */
const call = new RegExp(
  `(?<![\\w])(from_pretrained|from_single_file|load_lora_weights|load_textual_inversion|load_ip_adapter|hf_hub_download|snapshot_download|hf_hub_url|repo_id|pretrained_model_name_or_path|model_id|base_model|--model-id|--repo-id|--pretrained_model_name_or_path)\\s{0,2}[=(:]\\s{0,4}(?:\\w{1,40}\\s?=\\s?)?["'\`]?${repository}(?![\\w./-])`,
  "g",
)
/** `Hugging Face: owner/name`, `owner/name on HF`. */
const spokenOf = new RegExp(
  `(?<![\\w])(?:hugging ?face|HF)(?: (?:repo(?:sitory)?|model|hub))?\\s?[:=]\\s?["'\`]?${repository}(?![\\w/])|(?<![\\w./:-])${repository} (?:on|from|at) (?:hugging ?face|HF)(?![\\w.])`,
  "gi",
)
const callMarks =
  "from_pretrained from_single_file load_ hf_hub_ snapshot_ repo_id repo-id model_id model-id model_name base_model".split(
    " ",
  )
const commandLine = new RegExp(
  `(?<![\\w])(?:huggingface-cli|hf)\\s{1,3}download\\s{1,3}((?:--?[\\w-]{1,40}(?:[ =](?![\\w.-]+\\/)[^\\s]{1,80})?\\s{1,3}){0,6})["'\`]?${repository}(?![\\w/])`,
  "g",
)
const modelScope = new RegExp(
  `(?<![\\w])modelscope\\s{1,3}download\\s{1,3}(?:--model[ =])["'\`]?${repository}(?![\\w/])`,
  "g",
)
const gitAddress = /(?<![\w])git@hf\.co:((?!datasets\/|spaces\/)[\w.-]{1,96}\/[\w.-]{1,96}?)(?:\.git)?(?![\w/-])/g
const ollama =
  /(?<![\w])ollama\s{1,3}(?:run|pull|show|cp)\s{1,3}((?:[a-z0-9][\w.-]{0,63}\/)?[a-z0-9][\w.-]{0,63})(?::([\w.-]{1,60}))?(?![\w/])/gi
const civitaiId =
  /civitai(?<![\w:/.]civitai)(?::(?=\d)|:\s(?=\d{5}|\d{3,9}@)|\s{1,2}#|\s{1,2}(?:model\s{1,2})?(?:id|number|nr\.?|no\.?|model)\s{0,2}[:#=]?\s{0,2}#?)(\d{3,9})(?:@(\d{3,9}))?(?![\w.-]*\w|%)(?!\s{1,2}(?:models?|loras?|users?|people|images?|downloads?|likes?|checkpoints?|files?))/gi
const civitaiVersion = /["']?(?<![\w])(?:model_?version_?id|modelVersion)["']?\s{0,2}[:=]\s{0,2}["']?(\d{3,9})(?!\w)/gi
/** What says that a call speaks of a data set or a program. */
const otherKind = /repo[_-]type\s{0,2}[= ]\s{0,2}["']?(?:dataset|space)/i

/** What program text, command lines and generation metadata name a model by, without an address. */
export function findCodeReferences(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  const add = (match: RegExpExecArray, id: string, platform: string, name: string) => {
    const at = match.index + match[0].lastIndexOf(name)
    found.push({ id: id.toLowerCase(), platform, kind: "model", start: at, end: at + name.length })
  }
  if (hasAny(text, ["_", "--"]) && hasAny(text, callMarks)) {
    for (const match of matchesOf(call, text)) {
      const name = match[2]!.replace(/\.+$/, "")
      if (isLocal(name) || otherKind.test(text.slice(match.index, match.index + 200))) continue
      add(match, `huggingface:repo:${name}`, "huggingface", name)
    }
  }
  if (hasAny(text, ["download", "git@"])) {
    for (const match of matchesOf(commandLine, text)) {
      const line = text.slice(match.index, match.index + 300).split("\n", 1)[0]!
      if (!otherKind.test(line)) add(match, `huggingface:repo:${match[2]}`, "huggingface", match[2]!)
    }
    for (const match of matchesOf(modelScope, text)) add(match, `modelscope:repo:${match[1]}`, "modelscope", match[1]!)
    for (const match of matchesOf(gitAddress, text))
      add(match, `huggingface:repo:${match[1]}`, "huggingface", match[1]!)
  }
  for (const match of hasAny(text, ["ugging", "HF"]) && text.includes("/") ? matchesOf(spokenOf, text) : []) {
    const name = (match[1] ?? match[2])!.replace(/\.+$/, "")
    if (!isLocal(name) && /[\d_-]/.test(name)) add(match, `huggingface:repo:${name}`, "huggingface", name)
  }
  for (const match of text.includes("llama") ? matchesOf(ollama, text) : []) {
    const [, name, tag] = match
    // A word after `ollama run` in a sentence is no model's name; one with an owner, a version or a tag is.
    if (!name!.includes("/") && !tag && !/\d/.test(name!)) continue
    if (/^(?:hf\.co|huggingface\.co)\//.test(name!)) continue
    add(match, `ollama:model:${name!.includes("/") ? name : `library/${name}`}`, "ollama", name!)
  }
  for (const match of hasAny(text, ["ivitai", "IVITAI"]) ? matchesOf(civitaiId, text) : []) {
    const [whole, id, version] = match
    const end = match.index + whole.length
    found.push({
      id: `civitai:model:${id}${version ? `@${version}` : ""}`,
      platform: "civitai",
      kind: "model",
      start: match.index,
      end,
    })
  }
  for (const match of hasAny(text, ["ersionId", "ersion_id"]) ? matchesOf(civitaiVersion, text) : []) {
    const end = match.index + match[0].length
    found.push({ id: `civitai:version:${match[1]}`, platform: "civitai", kind: "model", start: match.index, end })
  }
  return found
}

/** A folder of the writer's own, not somebody's repository. */
function isLocal(name: string): boolean {
  return (
    /^(?:models?|checkpoints?|outputs?|results?|path|data|weights|your[\w-]*|my[\w-]*|user|username|owner|org|namespace)\//i.test(
      name,
    ) || /\.(?:safetensors|ckpt|pth?|bin|json|ya?ml|py|txt)$/i.test(name)
  )
}
