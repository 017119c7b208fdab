import { restAt } from "./address-scanner.ts"
import { matchesOf } from "./character-runs.ts"
import type { FoundArtefact } from "./found-artefact.ts"

const name = /(?<![a-z0-9])((?:[a-z2-7]{56}|[a-z2-7]{16}))\.onion(?![\w-]|\.[a-z])(?::\d{1,5})?/gi
const file = /\/[^/?#]{1,150}\.(?:safetensors|ckpt|gguf|pth?|bin|sft|onnx|zip|rar|7z|tar|t?gz|xz|zst|torrent)$/i
const share = /^\/(?:file|files|f|d|dl|download|get|s|share|drop|folder|archive)\/[\w-]{4,80}(?:\/[^/?#]{0,150})?\/?$/i
const contextRadius = 80
/** Onion addresses that are looked at in a text. */
const nameLimit = 2_000

/**
 * Files that an onion service hands out. Such hosts have no names to list, so the path has to look like a file's; an OnionShare address has
 * none and is told by the word.
 */
export function findOnionFiles(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  if (!/\.onion/i.test(text)) return found
  let looked = 0
  for (const match of matchesOf(name, text)) {
    if (++looked > nameLimit) break
    const after = match.index + match[0].length
    const rest = restAt(text, after)
    const path = rest.split(/[?#]/, 1)[0]!
    const end = after + rest.length
    const isFile = file.test(path) || share.test(path)
    if (!isFile && !(path.length < 2 && isOnionShare(text, match.index, end))) continue
    const host = `${match[1]!.toLowerCase()}.onion`
    const fileName = /\/([^/]{1,150}\.(?:safetensors|ckpt|gguf|pth?|sft))$/i.exec(path)?.[1]
    found.push({
      id: `onion:file:${host}${path.replace(/\/$/, "")}`,
      platform: "onion",
      kind: "file",
      ...(fileName ? { aliases: [`file:${fileName.toLowerCase()}`] } : {}),
      start: schemeStart(text, match.index),
      end,
    })
  }
  return found
}

function isOnionShare(text: string, start: number, end: number): boolean {
  return /onion ?share/i.test(text.slice(Math.max(0, start - contextRadius), end + contextRadius))
}

function schemeStart(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - 8), at).toLowerCase()
  return before.endsWith("https://") ? at - 8 : before.endsWith("http://") ? at - 7 : at
}
