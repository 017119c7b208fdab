import { encode } from "cbor2"
import { box, superbox } from "./image-bytes.ts"

/** C2PA stores made byte by byte; their signatures are none. */

export function created(sourceType: string, agent: string) {
  return { action: "c2pa.created", digitalSourceType: sourceType, softwareAgent: { name: agent } }
}

function cbor(value: unknown): Buffer {
  return box("cbor", encode(value))
}

export function ingredient(relationship: string, label: string): Buffer {
  const thumbnail = superbox("c2pa.thumbnail.ingredient.jpeg", box("bidb", Buffer.from("picture")))
  const value = { relationship, activeManifest: { url: `self#jumbf=/c2pa/${label}`, hash: new Uint8Array(32) } }
  return Buffer.concat([thumbnail, superbox("c2pa.ingredient.v3", cbor(value))])
}

export function manifest(label: string, actions: readonly object[], ...more: readonly Buffer[]): Buffer {
  return superbox(
    label,
    superbox("c2pa.assertions", ...more, superbox("c2pa.actions.v2", cbor({ actions }))),
    superbox("c2pa.claim.v2", cbor({ claim_generator_info: { name: "Gnome Press", version: "1" } })),
    superbox("c2pa.signature", box("cbor", Buffer.from([0xd2, 0x84]))),
  )
}

export function c2paStore(...manifests: readonly Buffer[]): Buffer {
  return superbox("c2pa", ...manifests)
}
