import assert from "node:assert/strict"
import { test } from "node:test"
import { guideSketch } from "../../classifiers/guides/guide-sketch.ts"

const key = new Uint8Array(32).fill(7)

const moss = `How to make moss that looks like moss
1. Open ComfyUI and load the default workflow.
2. Choose an SDXL checkpoint for landscapes and put the moss LoRA behind it with a weight of 0.7.
3. Write "dry stone wall, moss, morning light" into the prompt, nothing else.
4. Set 28 steps, CFG 6 and the sampler DPM++ 2M Karras, then queue a batch of four.
5. Send the best one to img2img with a denoise of 0.35 and upscale it twice.`

const pond = `A pond in four passes
1. Open ComfyUI and load the default workflow.
2. Render the bank alone, without water, at 1024x768 with 20 steps.
3. Paint a mask over the hollow and inpaint it with "still water, reflections", denoise 0.8.
4. Lower the denoise to 0.3 and inpaint once more around the rim, with a larger padding.`

function distance(one: string, other: string): number {
  let bits = 0n
  for (let rest = BigInt(`0x${one}`) ^ BigInt(`0x${other}`); rest > 0n; rest >>= 1n) bits += rest & 1n
  return Number(bits)
}
const between = (one: string, other: string) => distance(guideSketch(one, key)!, guideSketch(other, key)!)

test("layout, case, numbers of steps and marks make no difference", () => {
  const flat = moss
    .replaceAll(/^\d\. /gm, "")
    .replaceAll("\n", " ")
    .toUpperCase()
  const quoted = moss.replaceAll(/^/gm, "> ").replaceAll('"', "“")
  assert.equal(between(moss, flat), 0)
  assert.equal(between(moss, quoted), 0)
})

test("an edited copy lies within the radius of copies, another guide for the same tool far outside", () => {
  const edited = `Found this elsewhere, works great!\n${moss.replace("28 steps", "30 steps").replace("0.35", "0.4").replace("morning light", "evening light")}\nEnjoy.`
  assert.ok(between(moss, edited) <= 72, String(between(moss, edited)))
  assert.ok(between(moss, pond) >= 95, String(between(moss, pond)))
})

test("another key gives an unrelated sketch, so none can be looked up without the workspace's", () => {
  const other = guideSketch(moss, new Uint8Array(32).fill(8))!
  assert.ok(Math.abs(distance(guideSketch(moss, key)!, other) - 128) < 40)
})

test("a text of a few words has no sketch", () => {
  assert.equal(guideSketch("Set denoise to 0.4 and queue again.", key), undefined)
})

test("Chinese, Japanese and Korean are compared by their characters", () => {
  const text = "打开ComfyUI，加载工作流，选择SDXL底模，添加LoRA节点，权重0.8，设置步数30，点击生成，保存图片。"
  assert.ok(between(text, `转载：${text.replaceAll("，", "\n")}`) <= 72)
})
