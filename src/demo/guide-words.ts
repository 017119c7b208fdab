import type { Seeded } from "./seeded-random.ts"

/** A how-to as posters write it: a first line, numbered steps, settings, and a closing line. */
interface GuideText {
  readonly intro: string
  readonly steps: readonly string[]
  readonly settings: string
  readonly outro: string
}

const tools = ["Stable Diffusion WebUI", "ComfyUI", "Forge", "SD.Next", "InvokeAI"]
const samplers = ["DPM++ 2M Karras", "Euler a", "UniPC", "DPM++ SDE"]

/** How to render garden gnomes with ordinary picture tools. */
export function guideText(random: Seeded): GuideText {
  const tool = random.pick(tools)
  const sampler = random.pick(samplers)
  const steps = random.int(20, 40)
  const scale = random.int(9, 15) / 2
  const subject = random.pick([
    "a garden gnome on a mossy wall",
    "a village of gnomes",
    "a clay gnome at dusk",
    "a gnome beside a pond",
  ])
  const all = [
    `Install ${tool} and download a landscape checkpoint into the models folder.`,
    "Put the LoRA file for the clay look into models/Lora and restart the program.",
    `Write the prompt: "${subject}, soft light, detailed landscape", and a negative prompt: "blurry, watermark".`,
    `Set the sampler to ${sampler}, ${steps} steps and CFG scale ${scale}.`,
    `Set the resolution to ${random.pick(["768x512", "832x1216", "1024x768"])} and generate a batch of four.`,
    "Pick the best one, send it to img2img and use a denoising strength of 0.35.",
    "Mask the hat and use inpainting to fix the brim.",
    "Upscale it twice with a 4x upscaler and save the file as PNG.",
    "For your own gnome, collect 25 photos, caption them and train a LoRA with 10 epochs and a learning rate of 1e-4.",
  ]
  const wanted = random.int(5, 8)
  return {
    intro: random.pick([
      `Tutorial: how to render ${subject} with ${tool}, step by step.`,
      `Several people asked, so here is my guide to making ${subject} with ${tool}.`,
      `How to get ${subject} in ${tool}, for beginners. You will need a graphics card with 8 GB.`,
    ]),
    steps: all.slice(0, wanted),
    settings: `Steps: ${steps}, Sampler: ${sampler}, CFG scale: ${scale}, Denoising strength: 0.35, Clip skip: 2`,
    outro: random.pick([
      "If the hat comes out crooked, lower the CFG scale and try another seed.",
      "Follow these steps in order and it works every time.",
      "Change the weight of the LoRA between 0.6 and 0.9 to taste.",
    ]),
  }
}
