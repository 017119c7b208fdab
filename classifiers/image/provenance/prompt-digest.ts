import { createHmac } from "node:crypto"
import type { Signal } from "../../../src/model/fingerprint.ts"
import type { Trace } from "./reader.ts"

/** The signals of traces: of a prompt its length stays and, where there is a key, its digest; equal prompts give equal digests. */
export function signalsOf(traces: readonly Trace[], key: Uint8Array | undefined): Signal[] {
  return traces.map(({ signal, prompt }) => {
    const text = prompt?.normalize("NFC").trim()
    if (!text) return signal
    const digest = key && { digest: createHmac("sha256", key).update(text, "utf8").digest("hex") }
    return { ...signal, prompt: { length: [...text].length, ...digest } }
  })
}
