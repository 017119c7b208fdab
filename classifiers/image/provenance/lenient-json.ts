export type JsonObject = { readonly [key: string]: unknown }

/**
 * A JSON object, or undefined. Python's writers put NaN and Infinity where JSON has none; they become null. Node's parser does not
 * recurse, so depth is no danger here; readers don't recurse either.
 */
export function jsonObject(text: string): JsonObject | undefined {
  if (!/^\s{0,100}\{/.test(text)) return undefined
  return objectOf(parse(text) ?? parse(text.replace(/([[:,]\s{0,20})(?:-?Infinity|NaN)(?=\s{0,20}[,\]}])/g, "$1null")))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

/** Number of the given keys that the object has itself. */
export function countOf(object: JsonObject, keys: readonly string[]): number {
  return keys.filter((key) => Object.hasOwn(object, key)).length
}
