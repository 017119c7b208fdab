import { open } from "node:fs/promises"
import type { ExaminedFile } from "../image/examine-file.ts"
import { digestsOf } from "../image/hash/digests.ts"
import { readCharacterCard } from "./character-card.ts"
import { cardOfCharx } from "./charx.ts"

/** Archives hold pictures and voices too. */
const mostBytes = 64 << 20

/** Examines a local JSON or CHARX file that is a character card by itself; undefined if it is none. Name and text stay where they are. */
export async function examineCardFile(file: string): Promise<ExaminedFile | undefined> {
  if (!/\.(?:json|charx|zip)$/i.test(file)) return undefined
  const handle = await open(file).catch(() => undefined)
  if (!handle) return undefined
  try {
    const stat = await handle.stat()
    if (!stat.isFile() || stat.size > mostBytes) return undefined
    const bytes = new Uint8Array(await handle.readFile())
    const isArchive = bytes[0] === 0x50 && bytes[1] === 0x4b
    const card = readCharacterCard(isArchive ? (cardOfCharx(bytes) ?? "") : Buffer.from(bytes).toString("utf8"))
    if (!card) return undefined
    const format = isArchive ? "charx" : "json"
    return {
      file,
      bytes: bytes.length,
      ...digestsOf(bytes),
      format,
      signals: [{ family: "character-card", strength: "weak", carrier: isArchive ? "charx:card.json" : "json" }],
      facts: ["character-card"],
      card: { spec: card.spec },
    }
  } finally {
    await handle.close()
  }
}
