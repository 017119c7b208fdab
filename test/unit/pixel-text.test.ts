import assert from "node:assert/strict"
import { test } from "node:test"
import { pixelText } from "../../src/cli/pixel-text.ts"

test("a score of pixels is said with how often it is right, an abstention with its reason, a low score not at all", () => {
  const said = pixelText({
    model: "m@1",
    score: 0.934,
    level: "flag",
    precision: { atOnePercent: 0.204, atTenPercent: 0.74 },
  })
  assert.equal(
    said,
    "pixels look generated: 0.93 (flag; right 20 in 100 times if 1 % of pictures are generated, 74 in 100 if 10 %)",
  )
  assert.equal(pixelText({ model: "m@1", abstained: "side_too_small" }), "pixels not assessable (side_too_small)")
  assert.equal(pixelText({ model: "m@1", score: 0.1, level: "none" }), "")
  assert.equal(pixelText(undefined), "")
})
