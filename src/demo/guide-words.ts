import type { Seeded } from "./seeded-random.ts"

/** A how-to as posters write it. One that has been posted before is posted again with small changes. */
export interface GuideText {
  /** Number of the text; its copies have the same. */
  readonly text: number
  readonly intro: string
  /** With numbers, or one paragraph where the poster does not care for lists. */
  readonly numbered: boolean
  readonly steps: readonly string[]
  readonly settings?: string
}

interface Original {
  readonly intro: string
  readonly plain?: true
  readonly steps: string
  readonly settings?: string
}

/** Steps stand on lines of their own. Some are in other languages, some have no numbers, some write names in a roundabout way. */
const originals: readonly Original[] = [
  {
    intro: "Tutorial: how to render a clay gnome at dusk with ComfyUI, step by step.",
    steps: `Install ComfyUI and download a landscape checkpoint into the models folder.
Put the LoRA file for the clay look into models/loras and restart the program.
Write the prompt: "a clay gnome at dusk, soft light, detailed landscape", and a negative prompt: "blurry, watermark".
Set the KSampler to DPM++ 2M Karras, 28 steps and CFG scale 6.5.
Set the resolution to 832x1216 and generate a batch of four.
Pick the best one, send it to img2img and use a denoising strength of 0.35.`,
    settings: "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Denoising strength: 0.35, Clip skip: 2",
  },
  {
    intro: "Several people asked, so here is my guide to training a LoRA of your own gnome.",
    steps: `Collect 25 photos of the gnome in different weather and crop them to 1024x1024.
Caption every photo and begin each caption with the same made-up word.
Open kohya and load an SDXL base model.
Set network dim 32, alpha 16, a learning rate of 1e-4 and a batch size of 2.
Train for 10 epochs and save every one of them.
Compare the files with one seed, and keep the first that looks like your gnome.`,
  },
  {
    intro: "How I fix crooked hats, nothing fancy",
    plain: true,
    steps: `Open the picture in the img2img tab of Forge and go to inpaint.
Mask the hat with a margin, and blur the mask by 8.
Type what the hat should be, not what the picture is.
Set denoise to 0.6 and make six variants.
Then choose one and run it again with 0.3, so that the brim fits.`,
  },
  {
    intro: "Enlarging a small gnome for print (Stable Diffusion WebUI)",
    steps: `Open the Extras tab and drop the picture.
Select 4x-UltraSharp and resize by 2.
Send the result to img2img, enable the ControlNet tile model and set its weight to 0.6.
Run 20 steps with a denoising strength of 0.25 and CFG 5.
Save as PNG, and check the hat at full size.`,
  },
  {
    intro: "c o m f y for the impatient",
    plain: true,
    steps: `Grab the portable C0mfyUI, unzip it, and drop any S D X L checkpoint into models/checkpoints.
Drag my workflow onto the window, click on queue.
Change the prompt in the green node only.
If it is too slow, lower the resolution to 768x768 and the steps to 18.
Keep cfg at 5 and the seed fixed until you like it.`,
  },
  {
    intro: "Anleitung: Zwerge vor einer Trockenmauer mit ComfyUI",
    steps: `Öffne ComfyUI und lade den Standard-Workflow.
Wähle einen SDXL-Checkpoint und füge die LoRA für Naturstein mit Stärke 0,8 hinzu.
Stelle im KSampler 30 Schritte, CFG 6 und den Sampler Euler a ein.
Schreibe nur Mauer, Moos und Licht in den Prompt.
Klicke auf Queue, wähle das beste Bild und skaliere es zweifach hoch.`,
  },
  {
    intro: "Cómo poner niebla en un valle con Stable Diffusion, sin que se note",
    steps: `Abre img2img y carga la foto del valle.
Escribe "niebla baja al amanecer" y nada más.
Pon 25 pasos, CFG 5 y denoise 0,4 con DPM++ 2M.
Genera cuatro imágenes y elige la que conserve los árboles.
Repite con denoise 0,2 y guarda el resultado como PNG.`,
  },
  {
    intro: "Как сделать пруд в ComfyUI",
    steps: `Откройте ComfyUI и загрузите чекпоинт SDXL.
Добавьте лору на воду, вес 0.7.
Установите 28 шагов, CFG 6, семплер Euler a.
Закрасьте маской место для пруда и выберите инпейнт, денойз 0.8.
Нажмите Queue, выберите лучшее и сохраните картинку.`,
  },
  {
    intro: "用ComfyUI画花园小矮人的方法",
    steps: `打开ComfyUI，加载默认工作流。
选择SDXL底模，添加陶土LoRA，权重0.8。
设置采样器Euler a，步数30，CFG 7。
输入提示词，分辨率设为832x1216，点击生成。
挑一张送到图生图，降噪0.35，放大两倍后保存。`,
  },
  {
    intro: "Mech na murku krok po kroku, Forge",
    steps: `Otwórz Forge i wczytaj checkpoint SDXL.
Dodaj LoRA z mchem, waga 0,7.
Ustaw 28 kroków, CFG 6 i sampler DPM++ 2M Karras.
Wygeneruj cztery obrazy i wybierz najlepszy.
Przejdź do img2img, ustaw denoise 0,35 i powiększ dwa razy.`,
  },
]

const greetings = ["Works for me.", "Once again:", "From the old forum:"]
const numbers = /\d{2}(?= (?:steps|Schritte|pasos|шагов|kroków))/

/** How many guides have a text of their own. */
export const guideTexts = originals.length

/** The `copy`th posting of a text, from 0. Later ones have another first line, and some a changed number or no list. */
export function guideText(random: Seeded, text: number, copy: number): GuideText {
  const { intro, plain, steps, settings } = originals[text % originals.length]!
  const lines = steps.split("\n")
  const original = { text, intro, numbered: plain === undefined, steps: lines, ...(settings ? { settings } : {}) }
  if (copy === 0) return original
  return {
    ...original,
    intro: `${random.pick(greetings)} ${intro}`,
    numbered: random.chance(0.5),
    steps: lines.map((line) => line.replace(numbers, (count) => String(Number(count) + random.int(1, 6)))),
  }
}
