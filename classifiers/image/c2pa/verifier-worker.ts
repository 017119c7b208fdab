import { readFileSync } from "node:fs"
import type { MessagePort } from "node:worker_threads"
import { initSync, WasmReader } from "@contentauth/c2pa-wasm"
import type { NoVerification, Verification } from "./verification.ts"

/** Node has it; the type library without a browser's does not name it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly RuntimeError: new () => Error
}

export interface VerifierTask {
  /** Moved here; overwritten at the end. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly mediaType: string
  /** Certificates (PEM) that chains may lead to; empty where there is no trust list. */
  readonly trustAnchors: string
  /** Gets a message when the work begins: loading the module is nobody's time. */
  readonly started: MessagePort
}

// A file may name a remote manifest, a revocation service or a time-stamp authority. The settings below already say that nothing is
// fetched; without these functions nothing can be, whatever a later version makes of its settings.
for (const name of ["fetch", "XMLHttpRequest", "WebSocket", "EventSource"]) {
  Object.defineProperty(globalThis, name, {
    value: () => {
      throw new Error("The verifier has no network.")
    },
  })
}

const program = readFileSync(new URL(import.meta.resolve("@contentauth/c2pa-wasm/c2pa.wasm")))
const compiled = new WebAssembly.Module(program)
program.buffer.transfer(0) // nine megabytes that are given back now instead of at the next collection
initSync({ module: compiled } as Parameters<typeof initSync>[0])

/** What runs in the verifier's worker: the reference implementation of C2PA (c2pa-rs), over one file in memory. */
export default async function run({
  bytes,
  mediaType,
  trustAnchors,
  started,
}: VerifierTask): Promise<Verification | NoVerification> {
  started.postMessage(true)
  started.close()
  try {
    const reader = await WasmReader.fromBytes(mediaType, bytes, settingsWith(trustAnchors))
    try {
      return verificationOf(JSON.parse(reader.json()))
    } finally {
      reader.free()
    }
  } catch (error) {
    // A trap leaves the module's memory in any state: the worker must end. What it throws on purpose are errors of its own.
    if (error instanceof WebAssembly.RuntimeError) throw error
    return { reason: /unsupported/i.test(String(error)) ? "verifier.unsupported" : "verifier.unreadable" }
  } finally {
    bytes.fill(0)
  }
}

function settingsWith(trustAnchors: string): string {
  return JSON.stringify({
    verify: { remote_manifest_fetch: false, ocsp_fetch: false, verify_trust: true, verify_timestamp_trust: true },
    core: { allowed_network_hosts: [] },
    ...(trustAnchors ? { trust: { trust_anchors: trustAnchors } } : {}),
  })
}

interface Codes {
  readonly success?: readonly { readonly code: string }[]
  readonly failure?: readonly { readonly code: string }[]
}

/** The parts of c2pa-rs's report that are used here. */
interface Store {
  readonly active_manifest?: string
  readonly manifests?: Readonly<Record<string, { readonly signature_info?: { readonly issuer?: string } }>>
  readonly validation_results?: {
    readonly activeManifest?: Codes
    readonly ingredientDeltas?: readonly { readonly validationDeltas?: Codes }[]
  }
}

function verificationOf(store: Store): Verification | NoVerification {
  const active = store.active_manifest
  const results = store.validation_results?.activeManifest
  if (!active || !results) return { reason: "verifier.unreadable" }
  return {
    active,
    signer: store.manifests?.[active]?.signature_info?.issuer,
    success: codesOf(results.success),
    failure: codesOf(results.failure),
    ingredientFailure: (store.validation_results?.ingredientDeltas ?? []).flatMap((delta) =>
      codesOf(delta.validationDeltas?.failure),
    ),
  }
}

function codesOf(entries: Codes["success"]): string[] {
  return [...new Set((entries ?? []).slice(0, 1000).map(({ code }) => code.slice(0, 80)))]
}
