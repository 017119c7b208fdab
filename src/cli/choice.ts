import { InvalidArgumentError } from "commander"
import { closest } from "fastest-levenshtein"

/** Parses an argument that has few values; a mistyped one is answered with the nearest. */
export function choice<Value extends string>(values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const value = values.find((candidate) => candidate === text)
    if (value !== undefined) return value
    throw new InvalidArgumentError(`Did you mean "${closest(text, [...values])}"? There are ${values.join(", ")}.`)
  }
}
