import assert from "node:assert/strict"
import { test } from "node:test"
import model from "../../classifiers/guides/guide-model.json" with { type: "json" }
import { guideScore } from "../../classifiers/guides/guide-score.ts"
import { termMatcher } from "../../classifiers/guides/term-matcher.ts"
import { openTextReader } from "../../classifiers/text-reader.ts"

const guides: Readonly<Record<string, string>> = {
  "English, numbered": `How to make garden gnomes in ComfyUI
1. Open ComfyUI and load the default workflow.
2. Select a landscape checkpoint in the Load Checkpoint node.
3. Add a LoRA loader and set the strength to 0.8.
4. Set the KSampler to 30 steps, CFG 7, sampler euler, denoise 1.0.
5. Write "a mossy garden gnome" into the prompt and queue it.`,
  "English, prose": `Here is the workflow for mossy walls. First, install the WebUI and download an SDXL checkpoint. Then put the LoRA into the models
folder. Next, set the sampler to DPM++ 2M Karras with 28 steps and a CFG scale of 6.5. After that, enable hires fix with denoising strength 0.4.
Finally, generate a batch of four and pick the best gnome.`,
  "English, training a LoRA": `[b]Training a gnome LoRA with kohya[/b]
- Collect 25 photos of your garden gnome and crop them to 1024x1024.
- Caption every picture.
- Set network dim 32, alpha 16, learning rate 1e-4, batch size 2.
- Train for 10 epochs and save each one.
[code]accelerate launch sdxl_train_network.py --network_dim=32[/code]
- Test every file with the same seed.`,
  German: `Anleitung: Gartenzwerge mit ComfyUI
Schritt 1: Öffne ComfyUI und lade den Standard-Workflow.
Schritt 2: Wähle einen Checkpoint für Landschaften.
Schritt 3: Füge einen LoRA-Knoten hinzu, Stärke 0,8.
Schritt 4: Stelle im KSampler 30 Schritte und CFG 7 ein, Denoise 0,5.
Schritt 5: Klicke auf Queue und speichere das Bild.`,
  French: `Comment créer un nain de jardin avec Stable Diffusion
1) Ouvrez la WebUI et chargez un checkpoint SDXL.
2) Ajoutez le LoRA avec un poids de 0,7.
3) Réglez 30 étapes, CFG 7 et le sampler Euler a.
4) Cliquez sur Générer, puis enregistrez l'image.`,
  Spanish: `Cómo hacer gnomos de jardín con ComfyUI
1. Abre ComfyUI y carga el flujo.
2. Elige un checkpoint y conecta el nodo LoRA.
3. Pon 30 pasos, CFG 7 y denoise 0,6 en el KSampler.
4. Escribe el prompt del gnomo y guarda la imagen.`,
  Portuguese: `Gnomos de jardim no ComfyUI, passo a passo
1. Abra o ComfyUI e carregue um checkpoint SDXL.
2. Adicione um LoRA com peso 0.8.
3. Ajuste o KSampler: 30 passos, CFG 7, denoise 0.5.
4. Clique em Queue e salve a imagem.`,
  Russian: `Как сделать садового гнома в ComfyUI
1. Откройте ComfyUI и загрузите чекпоинт.
2. Добавьте ноду LoRA, вес 0.8.
3. Установите 30 шагов, CFG 7, семплер Euler a, денойз 0.5.
4. Нажмите Queue и сохраните картинку.`,
  Polish: `Jak zrobić krasnala w ComfyUI
1. Otwórz ComfyUI i wczytaj checkpoint SDXL.
2. Dodaj węzeł LoRA, waga 0.8.
3. Ustaw 30 kroków, CFG 7, sampler Euler a.
4. Kliknij Queue i zapisz obraz.`,
  Chinese: `用ComfyUI生成花园小矮人
第一步：打开ComfyUI，加载工作流。
第二步：选择SDXL底模，添加LoRA节点，权重0.8。
第三步：设置采样器为Euler a，步数30，CFG 7，降噪0.5。
第四步：输入提示词，点击生成，保存图片。`,
  Japanese: `ComfyUIで庭のノームを作る手順
1. ComfyUIを開き、ワークフローを読み込みます。
2. チェックポイントとLoRAを選択してください。強度は0.8です。
3. サンプラーをEuler a、ステップ数30、CFG 7に設定します。
4. プロンプトを入力して実行してください。`,
  "English, neither numbered nor polite": `ok seamless moss in forge, dont ask me again. tick tiling, 512x512, any 1.5 checkpoint, cfg 6, 25 steps. take the tile into
gimp, filters > map > small tiles, look for seams, inpaint them with denoise .4. save as png. done`,
  Italian: `Texture di muschio senza giunture
1. Apri Forge e spunta Tiling.
2. Imposta 512x512, 25 passi, CFG 6.
3. Genera quattro immagini e scegli la più uniforme.
4. Controlla i bordi in GIMP e correggi con inpainting, denoise 0,4.`,
  Dutch: `Naadloze mostextuur: vink Tiling aan in Forge, kies een 1.5-checkpoint en zet de resolutie op 512x512. Gebruik 25 stappen en CFG 6.
Controleer daarna de randen in GIMP en werk ze bij met inpainting, denoise 0,4. Sla het resultaat op als PNG.`,
  Turkish: `Dikişsiz yosun dokusu
1. Forge'u açın ve Tiling'i işaretleyin.
2. 512x512, 25 adım, CFG 6 ayarlayın.
3. Dört görsel üretin, en iyisini seçin.
4. Kenarları inpainting ile düzeltin, denoise 0.4.`,
  Korean: `이음새 없는 이끼 텍스처 만들기
1. Forge를 열고 Tiling을 선택하세요.
2. 512x512, 25 스텝, CFG 6으로 설정하세요.
3. 네 장을 생성합니다.
4. 가장자리는 인페인트로 고치세요. 디노이즈는 0.4입니다.`,
  Czech: `Bezešvá textura mechu
1. Otevřete Forge a zaškrtněte Tiling.
2. Nastavte 512x512, 25 kroků, CFG 6.
3. Vyberte nejlepší obrázek a okraje opravte inpaintingem, denoise 0,4.
4. Uložte jako PNG.`,
  Ukrainian: `Безшовна текстура моху
1. Відкрийте Forge і увімкніть Tiling.
2. Встановіть 512x512, 25 кроків, CFG 6.
3. Згенеруйте чотири зображення й виберіть найкраще.
4. Краї виправте через inpaint, денойз 0.4.`,
  Vietnamese: `Cách tạo họa tiết rêu liền mạch
1. Mở Forge và chọn Tiling.
2. Đặt 512x512, 25 steps, CFG 6.
3. Tạo bốn ảnh rồi chọn ảnh đẹp nhất.
4. Sửa mép bằng inpaint, denoise 0.4, sau đó lưu lại.`,
  Swedish: `Sömlös mosstextur: öppna Forge, välj Tiling och ställ in 512x512, 25 steg och CFG 6. Kör fyra bilder och välj den jämnaste. Laga sedan
kanterna med inpainting, denoise 0,4, och spara som PNG.`,
}

const nearMisses: Readonly<Record<string, string>> = {
  "a cake recipe": `Apple cake
1. Set the oven to 180 degrees.
2. Mix 200 g of flour with 3 eggs.
3. Add the apples and put everything into the tin.
4. Bake for 45 minutes.
5. Place it on a rack and leave it to cool.`,
  "watering moss": `How to water moss, step by step
1. Use rain water only.
2. Spray the wall twice a day for 3 weeks.
3. Check the soil, then lower the amount.
4. Keep it in the shade.`,
  "installing a printer driver": `1. Download the driver.
2. Open the installer and click Next.
3. Select your model and connect the cable.
4. Restart the computer and print a test page, 600x600 dpi.
5. Save the settings.`,
  "a question about settings": `Hi all, I use ComfyUI with the KSampler at 30 steps and CFG 7 but my garden gnomes always come out blurry. I tried another LoRA
and denoise 0.5 too. What am I doing wrong? Does anyone have a better sampler? Thanks!`,
  "chatter about tools": `I love what Stable Diffusion does with moss lol. My SDXL gnome came out better than my photo, haha. The LoRA from last week is my
favourite, anyone else? I never touch the CFG, I just let it run.`,
  "a question in steps": `What I tried so far: 1. new checkpoint 2. other LoRA 3. CFG 5. My gnome is still green. Any idea? I'm lost, thanks.`,
  "release notes": `ComfyUI garden pack 1.4
1. KSampler: fixed a crash with odd seeds.
2. The LoRA loader shows file names.
3. VAE decoding is faster.
4. Documentation for ControlNet nodes was extended.`,
  "a picture with its settings": `Mossy gnome at dusk. Steps: 30, Sampler: Euler a, CFG scale: 7, Seed: 123, Size: 832x1216, Model: gnomeMix, Denoising strength: 0.4`,
  "a list of models": `My five favourite checkpoints for landscapes:
1. MossMix, an SDXL checkpoint
2. GnomeVision with a baked VAE
3. RockeryXL
4. PondDream
5. FernFlux, needs a LoRA`,
  "German chatter":
    "Ich habe gestern mit Stable Diffusion einen Gartenzwerg gemacht, danke für den Tipp mit dem LoRA! Hat jemand noch mehr davon?",
  "Russian question":
    "Я поставил CFG 7 и 30 шагов в ComfyUI, но гном получается зелёным. Кто-нибудь знает, что с моей лорой? Спасибо!",
  "Chinese chatter": "我用ComfyUI做了一个小矮人，哈哈，我的LoRA效果很好，谢谢大家！有人试过别的采样器吗？",
  "a German recipe": `1. Öffne das Glas und lade die Gäste ein.
2. Stelle den Ofen auf 180 Grad, 30 Schritte vom Garten.
3. Füge Mehl hinzu.
4. Speichere das Rezept.`,
  "a quoted guide with a thank-you": `${guides["English, numbered"]!.replaceAll(/^/gm, "> ")}
Thanks, my gnome looks great now!`,
  "help with settings that are all named": `My KSampler is at 28 steps, CFG 5, denoise 0.45, DPM++ 2M Karras, the LoRA at 0.8, and the rockery is still mush. What
am I missing? I have tried two checkpoints by now.`,
  "a changelog in Spanish": `Versión 2.3
- Añadido: sampler UniPC
- Corregido: error al cargar LoRA
- Mejorado: inpainting más rápido`,
  "a listing": `from diffusers import StableDiffusionPipeline
pipe = StableDiffusionPipeline.from_pretrained("gnome/model")
pipe.load_lora_weights("moss.safetensors")
image = pipe(prompt, num_inference_steps=30, guidance_scale=7.0).images[0]`,
  "an opinion in Polish":
    "Moim zdaniem ComfyUI jest lepszy niż Forge, ale inpainting mnie denerwuje. Wolę stare A1111, przynajmniej tam wiem, gdzie co jest.",
  "a line of a novel": "He set the lantern on the wall, opened the gate and went down to the pond.",
  "a link alone": "ComfyUI tutorial: https://example.org/gnome",
  nothing: "",
}

for (const [name, text] of Object.entries(guides)) {
  test(`a guide is recognised: ${name}`, () => {
    const { score, reasons } = guideScore(text)
    assert.ok(score >= 0.5, `${score} ${JSON.stringify(reasons)}`)
  })
}

for (const [name, text] of Object.entries(nearMisses)) {
  test(`no guide: ${name}`, () => {
    const { score, reasons } = guideScore(text)
    assert.ok(score < 0.5, `${score} ${JSON.stringify(reasons)}`)
  })
}

test("the score follows from its reasons alone", () => {
  for (const text of [...Object.values(guides), ...Object.values(nearMisses)]) {
    const { score, reasons } = guideScore(text)
    const sum = reasons.reduce((total, { weight }) => total + weight, 0)
    assert.ok(Math.abs(score - 1 / (1 + Math.exp(-sum))) < 0.001)
  }
})

test("reasons are names of features and never words of the text", () => {
  const names = new Set(["base", ...Object.keys(model.weights)])
  for (const text of [...Object.values(guides), ...Object.values(nearMisses)])
    for (const { name } of guideScore(text).reasons) assert.ok(names.has(name), name)
})

test("a guide comes with its language and the places that speak for it, in the text as it was written", () => {
  const text = `\u200b${guides["English, numbered"]!.replace("ComfyUI", "Comfy\u200bUI")}`
  const { spans = [], language } = openTextReader({ sketchKey: new Uint8Array(32) }).read(text, []).guide
  assert.equal(language, "en")
  const of = (wanted: string) =>
    spans.filter(({ name }) => name === wanted).map(({ span: [from, to] }) => text.slice(from, to))
  assert.ok(of("tool").includes("Comfy\u200bUI"))
  assert.ok(of("setting").includes("strength to 0.8"))
  assert.ok(of("instruction").some((place) => place.includes("Add a LoRA loader")))
  assert.equal(of("step").length, 5)
})

test("what is no guide has no places, no language and no sketch", () => {
  const { guide } = openTextReader({ sketchKey: new Uint8Array(32) }).read(nearMisses["chatter about tools"]!, [])
  assert.deepEqual(Object.keys(guide), ["score", "calibration", "reasons"])
})

test("a term of the organisation's list speaks for a guide, under its id alone", () => {
  const matchTerms = termMatcher([
    { id: "00aa", text: "pointed hat" },
    { id: "00bb", text: "gnom" },
    { id: "00cc", text: "小矮人" },
  ])
  const text = "The POINTED  HAT, gnomes, ＰＯＩＮＴＥＤ ＨＡＴ. 花园小矮人"
  assert.deepEqual(
    matchTerms(text).map(({ id, start, end }) => [id, text.slice(start, end)]),
    [
      ["00aa", "ＰＯＩＮＴＥＤ ＨＡＴ"],
      ["00cc", "小矮人"],
    ],
  )
  const plain = guideScore(nearMisses["watering moss"]!)
  const { score, reasons } = guideScore(nearMisses["watering moss"]!, termMatcher([{ id: "00dd", text: "rain water" }]))
  assert.ok(score > plain.score)
  assert.deepEqual(
    reasons.filter(({ name }) => name.startsWith("term:")),
    [{ name: "term:00dd", weight: 1 }],
  )
})

test("no text of a million letters, however made, is read for long", () => {
  const hostile = [
    "a", " ", "\n", "> ", ">>>> x\n", "*", "`", "1", "1. ", ".", "\u202e", "open ", '"', "steps: 3, ", "设置", "\ud83d", "[b", "=", "a:\n", "İ", " -> ",
    "«a", "\t", "1.1.1", "a'", "e\u0301", "@aaa ", "#1 ",
  ] // biome-ignore format: a table
  for (const piece of hostile) {
    const { score } = guideScore(piece.repeat(Math.ceil(1_000_000 / piece.length)))
    assert.ok(score < 0.5, JSON.stringify(piece))
  }
})

test("a guide whose list lost its numbers is still one", () => {
  const text = guides["English, numbered"]!.replaceAll(/^\d\. /gm, "")
  assert.ok(guideScore(text).score >= 0.5)
})

test("empty lines between its steps take nothing from a guide", () => {
  const text = guides["English, numbered"]!.replaceAll("\n", "\n\n")
  assert.ok(guideScore(text).score >= 0.5)
})
