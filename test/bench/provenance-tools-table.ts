import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import type { Signal } from "../../src/model/fingerprint.ts"
import { containers, whyEmpty } from "../support/provenance-table.ts"
import { provenanceVectors, secret } from "../support/provenance-vectors.ts"
import { stealthPng } from "../support/stealth-bytes.ts"
import type { Peer } from "./provenance-peers.ts"

interface Vector {
  readonly row: string
  readonly format: string
  readonly bytes: Uint8Array
  /** A tool that finds another trace of the file has not found this one. */
  readonly isFound: (signals: readonly Signal[]) => boolean
}

const block = `${secret}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x512, Model: gardenMix_v2, Version: v1.10.1`

const stealth = (["png", "rgb"] as const).flatMap((plane) =>
  (["info", "comp"] as const).map((kind): Vector => {
    const payload = kind === "comp" ? gzipSync(block) : Buffer.from(block)
    return {
      row: `stealth ${plane === "png" ? "alpha" : "rgb"}-${kind}`,
      format: "png",
      bytes: stealthPng({ plane: plane === "png" ? "alpha" : "rgb", magic: `stealth_${plane}${kind}`, payload }),
      isFound: (signals) => signals.some(({ carrier }) => carrier?.startsWith("pixels:stealth")),
    }
  }),
)

const vectors: readonly Vector[] = [
  ...provenanceVectors.map(({ family, format, bytes }) => ({
    row: family,
    format,
    bytes,
    isFound: (signals: readonly Signal[]) => signals.some((signal) => signal.family === family),
  })),
  ...stealth,
]

/**
 * A Markdown table for each tool: ✓ where it names the family's generator wherever that container can hold it, ~ in some of those places, ✗
 * in none, · where nothing can stand. Watermarks are not in it: none of the peers looks for them.
 */
export async function tableLines(peers: readonly Peer[], folder: string): Promise<string[]> {
  await mkdir(folder)
  const paths = await Promise.all(
    vectors.map(async ({ bytes, format }, index) => {
      const path = join(folder, `${String(index).padStart(4, "0")}.${format}`)
      await writeFile(path, bytes)
      return path
    }),
  )
  const pool = openExaminerPool({ workers: 1 })
  const own: Signal[][] = []
  for (const { bytes } of vectors) own.push((await pool.examine(new Uint8Array(bytes))).signals)
  await pool.close()
  const tools = [
    { name: "watchline", found: vectors.map(({ isFound }, index) => isFound(own[index]!)) },
    ...peers.map((peer) => {
      const readings = peer.read(paths)
      return {
        name: peer.name,
        found: vectors.map(({ row, isFound }, index) => {
          const signals = own[index]!.filter((signal) => isFound([signal]))
          const right = [row, ...signals.flatMap(({ family, generator }) => [family, generator ?? family])]
          return readings[index]!.names.some((name) => right.includes(name))
        }),
      }
    }),
  ]
  const rows = [...new Set(vectors.map(({ row }) => row))].sort()
  return tools.flatMap(({ name, found }) => {
    const cells = rows.map((row) => containers.map((format) => cellOf(row, format, found)))
    const filled = cells.flat().filter((cell) => cell !== "·")
    const [whole, part] = ["✓", "~"].map((mark) => filled.filter((cell) => cell === mark).length)
    return [
      `${name}: ${whole} of ${filled.length} cells whole, ${part} in part`,
      "",
      `| ${name.padEnd(20)} | ${containers.join(" | ")} |`,
      `|${"-".repeat(22)}|${containers.map((format) => "-".repeat(format.length + 2)).join("|")}|`,
      ...rows.map(
        (row, index) =>
          `| ${row.padEnd(20)} | ${cells[index]!.map((cell, column) => cell.padEnd(containers[column]!.length)).join(" | ")} |`,
      ),
      "",
    ]
  })
}

function cellOf(row: string, format: (typeof containers)[number], found: readonly boolean[]): string {
  const wanted = vectors.flatMap((vector, index) => (vector.row === row && vector.format === format ? [index] : []))
  if (wanted.length === 0 || whyEmpty(row, format)) return "·"
  const right = wanted.filter((index) => found[index]).length
  return right === wanted.length ? "✓" : right > 0 ? "~" : "✗"
}
