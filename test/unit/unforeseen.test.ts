import assert from "node:assert/strict"
import { test } from "node:test"
import { describeError, unforeseen } from "../../src/errors.ts"
import { asFailure } from "../../src/pipeline/stage.ts"

const secret = "MossKeeper wrote: the red gnome stands by the pond"

test("an unforeseen error says what and where, never the text that it stumbled over", () => {
  const stumbled: unknown[] = [
    new RangeError(secret),
    secret,
    Object.assign(new Error(`\n    at ${secret}`), { code: "EIO" }),
  ]
  try {
    JSON.parse(secret)
  } catch (error) {
    assert.match(describeError(error).message, /MossKee/, "the engine does quote its input")
    stumbled.push(error)
  }
  for (const error of stumbled) {
    assert.doesNotMatch(unforeseen(error), /Moss|gnome|pond/)
    assert.equal(asFailure(error).message, unforeseen(error))
  }
  assert.match(unforeseen(stumbled[0]), /^RangeError in unforeseen\.test\.ts:\d+$/)
  assert.match(unforeseen(stumbled[2]), /^Error EIO in unforeseen\.test\.ts:\d+$/)
})
