import { createHash } from "node:crypto"
import canonicalize from "canonicalize"
import Type, { type Static, type TObject, type TProperties } from "typebox"
import { Compile } from "typebox/compile"

/** A SHA-256 digest in lower-case hexadecimal: the identity of every record. */
export const Id = Type.String({ pattern: "^[0-9a-f]{64}$" })
export type Id = string

/** UTC time as ISO 8601 with milliseconds, `2026-11-23T22:24:31.000Z`: sorts as text. */
export const Instant = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$" })
export type Instant = string

export function instant(millis: number): Instant {
  return new Date(millis).toISOString()
}

/** Where time comes from: milliseconds since 1970. Passed in, so that a test can move it. */
export type Clock = () => number

/**
 * The identity of a record: SHA-256 over the canonical JSON (RFC 8785) of its kind and the fields that make it what it is. The same
 * thing seen twice has the same id, so every write is an upsert.
 */
export function idOf(kind: string, ...fields: readonly (string | number | null)[]): Id {
  return createHash("sha256")
    .update(canonicalJson([kind, ...fields]))
    .digest("hex")
}

/** RFC 8785 text of a JSON value. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError("canonicalJson: not a JSON value")
  return text
}

export interface RecordKind<Shape extends TProperties> {
  readonly name: string
  /** Version of the schema; travels with every message, so that readers can upcast. */
  readonly version: number
  readonly schema: TObject<Shape>
  /** What is wrong with a value, as `path: reason`; undefined if it is such a record. */
  problem(value: unknown): string | undefined
}

/** Declares a record that crosses a boundary: name, schema version and shape. Unknown fields are refused. */
export function record<const Shape extends TProperties>(
  name: string,
  version: number,
  shape: Shape,
): RecordKind<Shape> {
  const schema = Type.Object(shape, { additionalProperties: false, $id: `watchline:${name}:${version}` })
  const validator = Compile(schema)
  return {
    name,
    version,
    schema,
    problem(value) {
      if (validator.Check(value)) return undefined
      const first = validator.Errors(value)[0]
      return first ? `${first.instancePath || "(record)"}: ${first.message}` : "(record): does not match"
    },
  }
}

/** The TypeScript type of a declared record. */
export type RecordOf<Kind extends RecordKind<TProperties>> = Static<Kind["schema"]>
