import assert from "node:assert/strict"
import { test } from "node:test"
import { textReader } from "../../classifiers/text-reader.ts"

const ids = (text: string, links: readonly string[] = []) => textReader.read(text, links).artefacts.map(({ id }) => id)
const magnetHash = "c9e15763f722f23e98a29decdfae341b98d53056"
const hex32 = "0123456789abcdef0123456789abcdef"
const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
const cid = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"

/** Text and the one canonical id that it names. */
const positives: readonly (readonly [string, string])[] = [
  // Civitai: pages, versions, download and API addresses, sister domains, the archive
  ["https://civitai.com/models/123456", "civitai:model:123456"],
  ["see https://civitai.com/models/123456/garden-gnome-style.", "civitai:model:123456"],
  ["https://civitai.com/models/123456?modelVersionId=789", "civitai:model:123456@789"],
  ["https://civitai.com/models/123456/gnome?dialog=x&modelVersionId=789", "civitai:model:123456@789"],
  ["(https://www.civitai.com/models/123456)", "civitai:model:123456"],
  ["[gnome](https://civitai.com/models/123456), nice", "civitai:model:123456"],
  ["[url=https://civitai.com/models/123456]gnome[/url]", "civitai:model:123456"],
  ["civitai.com/models/123456", "civitai:model:123456"],
  ["CIVITAI.COM/models/123456", "civitai:model:123456"],
  ["**https://civitai.com/models/123456**", "civitai:model:123456"],
  ["https://civitai.com/api/download/models/789?type=Model&format=SafeTensor", "civitai:version:789"],
  ["https://civitai.com/api/v1/models/123456", "civitai:model:123456"],
  ["https://civitai.com/api/v1/model-versions/789", "civitai:version:789"],
  ["https://civitai.com/api/v1/model-versions/by-hash/A5F58EB1C3", "autov2:a5f58eb1c3"],
  ["https://civitai.green/models/123456", "civitai:model:123456"],
  ["https://civarchive.com/models/123456?modelVersionId=789", "civitai:model:123456@789"],
  ["https://civarchive.com/tensorart/models/757279507095956705", "tensorart:model:757279507095956705"],
  ["https://civitai.com/models/123456 ... that one", "civitai:model:123456"],
  ["模型在https://civitai.com/models/123456，很好", "civitai:model:123456"],
  ["https://web.archive.org/web/2024/https://civitai.com/models/123456", "civitai:model:123456"],
  ["https://example.org/out?to=https%3A%2F%2Fcivitai.com%2Fmodels%2F123456", "civitai:model:123456"],
  // Hugging Face
  ["https://huggingface.co/gardeners/gnome-xl", "huggingface:repo:gardeners/gnome-xl"],
  ["https://huggingface.co/Gardeners/Gnome-XL/", "huggingface:repo:gardeners/gnome-xl"],
  ["https://huggingface.co/gardeners/gnome-xl.", "huggingface:repo:gardeners/gnome-xl"],
  ["https://huggingface.co/gardeners/gnome-xl/tree/main", "huggingface:repo:gardeners/gnome-xl"],
  ["https://huggingface.co/gardeners/gnome-xl/blob/main/g.safetensors", "huggingface:repo:gardeners/gnome-xl"],
  [
    "https://huggingface.co/gardeners/gnome-xl/resolve/main/g_1.0.safetensors?download=true",
    "huggingface:repo:gardeners/gnome-xl",
  ],
  ["https://hf.co/gardeners/gnome-xl", "huggingface:repo:gardeners/gnome-xl"],
  ["ollama run hf.co/gardeners/gnome-xl:Q4_K_M", "huggingface:repo:gardeners/gnome-xl"],
  ["https://hf-mirror.com/gardeners/gnome-xl/tree/main", "huggingface:repo:gardeners/gnome-xl"],
  ["https://huggingface.co/api/models/gardeners/gnome-xl", "huggingface:repo:gardeners/gnome-xl"],
  ["git clone https://huggingface.co/gardeners/gnome-xl.git", "huggingface:repo:gardeners/gnome-xl"],
  ["hf://gardeners/gnome-xl@main/g.safetensors", "huggingface:repo:gardeners/gnome-xl"],
  ["https://huggingface.co/gardeners/gnome-xl#usage", "huggingface:repo:gardeners/gnome-xl"],
  ["https://huggingface.co/gardeners/gnome-xl/discussions/3", "huggingface:repo:gardeners/gnome-xl"],
  // Other hubs
  ["https://tensor.art/models/757279507095956705", "tensorart:model:757279507095956705"],
  ["https://tensor.art/de/models/757279507095956705/Gnome-v1", "tensorart:model:757279507095956705"],
  ["https://tensorhub.art/models/757279507095956705", "tensorart:model:757279507095956705"],
  [`https://www.seaart.ai/models/detail/${hex32}`, `seaart:model:${hex32}`],
  ["https://www.seaart.ai/en/models/detail/cq3kd4le878c73f2abcd", "seaart:model:cq3kd4le878c73f2abcd"],
  ["https://www.modelscope.cn/models/gardeners/gnome/summary", "modelscope:repo:gardeners/gnome"],
  [`https://www.liblib.art/modelinfo/${hex32}?versionUuid=${hex32}`, `liblib:model:${hex32}@${hex32}`],
  [`https://www.shakker.ai/modelinfo/${hex32}`, `shakker:model:${hex32}`],
  ["https://openmodeldb.info/models/4x-Gnome", "openmodeldb:model:4x-gnome"],
  ["https://pixai.art/en/model/1648918127446573124", "pixai:model:1648918127446573124"],
  ["https://replicate.com/gardeners/gnome", "replicate:model:gardeners/gnome"],
  [`https://replicate.com/gardeners/gnome:${sha256}`, `replicate:model:gardeners/gnome@${sha256}`],
  ["https://ollama.com/library/gnome", "ollama:model:library/gnome"],
  [
    "https://github.com/o/r/releases/download/v1/gnome.safetensors",
    "github:release:o/r/releases/download/v1/gnome.safetensors",
  ],
  // File hosts, P2P
  ["https://mega.nz/file/AbCdEf12#k3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3y", "mega:file:AbCdEf12"],
  ["https://mega.nz/folder/AbCdEf12#k3yk3yk3y", "mega:folder:AbCdEf12"],
  ["https://mega.nz/#!AbCdEf12!k3yk3yk3y", "mega:file:AbCdEf12"],
  ["https://gofile.io/d/aBc123", "gofile:folder:aBc123"],
  ["https://pixeldrain.com/u/aBcD1234", "pixeldrain:file:aBcD1234"],
  ["https://files.catbox.moe/ab12cd.safetensors", "catbox:file:ab12cd.safetensors"],
  ["https://workupload.com/file/aBcD1234", "workupload:file:aBcD1234"],
  ["https://www.mediafire.com/file/abcd1234efgh567/gnome.zip/file", "mediafire:file:abcd1234efgh567"],
  [
    "https://drive.google.com/file/d/1AbCdEfGhIjKlMnOpQrStUvWx/view?usp=sharing",
    "googledrive:file:1AbCdEfGhIjKlMnOpQrStUvWx",
  ],
  [`magnet:?xt=urn:btih:${magnetHash}&dn=gnome`, `bittorrent:btih:${magnetHash}`],
  [`magnet:?dn=gnome&xt=urn:btih:${magnetHash.toUpperCase()}`, `bittorrent:btih:${magnetHash}`],
  ["magnet:?xt=urn:btih:ZHQVOY7XELZD5GFCTXWN7LRUDOMNKMCW", `bittorrent:btih:${magnetHash}`],
  [`magnet:?xt=urn:btih:${magnetHash}&dn=garden-gnomes-xl.zip`, `bittorrent:btih:${magnetHash}`],
  [`ipfs://${cid}`, `ipfs:cid:${cid}`],
  [`https://gateway.example.org/ipfs/${cid}/gnome`, `ipfs:cid:${cid}`],
  // Names
  ["<lora:GardenGnome_v2:0.8>", "lora:gardengnome_v2"],
  ["a mossy gnome <lora:gnome style:1>, soft light", "lora:gnome style"],
  ["<lyco:gnome:0.5>", "lycoris:gnome"],
  ["<hypernet:gnome:1>", "hypernet:gnome"],
  ["by embedding:GnomeNegative, (embedding:x)", "embedding:gnomenegative"],
  ["urn:air:sdxl:lora:civitai:123456@789", "civitai:model:123456@789"],
  ["air:sd1:checkpoint:civitai:123456", "civitai:model:123456"],
  ["sdxl:lora:civitai:123456@789.safetensors", "civitai:model:123456@789"],
  ["urn:air:flux1:lora:huggingface:gardeners/gnome-xl", "huggingface:repo:gardeners/gnome-xl"],
  ["use Garden_Gnome-v2.safetensors for it", "file:garden_gnome-v2.safetensors"],
  ["`models/Lora/gnome.safetensors`", "file:gnome.safetensors"],
  ["下载garden_gnome.safetensors即可", "file:garden_gnome.safetensors"],
  ["https://example.org/f/Garden%20Gnome.safetensors", "file:garden gnome.safetensors"],
  ["gnome-7b.Q4_K_M.gguf", "file:gnome-7b.q4_k_m.gguf"],
  ["gnomeMix_v3.ckpt", "file:gnomemix_v3.ckpt"],
  ["the embedding GnomeNeg.pt goes into the folder", "file:gnomeneg.pt"],
  ["embeddings/gnomeneg.pt", "file:gnomeneg.pt"],
  ["upscaler: 4x-GnomeSharp.pth", "file:4x-gnomesharp.pth"],
  ["LoRA file gnome_v1.bin, trained on 20 pictures", "file:gnome_v1.bin"],
  // Hashes with their label
  ["Steps: 30, Model hash: a5f58eb1c3, Model: gnome", "autov2:a5f58eb1c3"],
  ["Model hash: 7460a6fa, old one", "autov1:7460a6fa"],
  ["AutoV2 A5F58EB1C3", "autov2:a5f58eb1c3"],
  ["AutoV3: A5F58EB1C3AA", "autov3:a5f58eb1c3aa"],
  [`checkpoint sha256: ${sha256}`, `sha256:${sha256}`],
  ['Lora hashes: "gnome: a5f58eb1c3aa"', "autov3:a5f58eb1c3aa"],
  // Disguised
  ["hxxps://civitai.com/models/123456", "civitai:model:123456"],
  ["hxxps://civitai[.]com/models/123456", "civitai:model:123456"],
  ["civitai(.)com/models/123456", "civitai:model:123456"],
  ["civitai{.}com/models/123456", "civitai:model:123456"],
  ["civitai[dot]com/models/123456", "civitai:model:123456"],
  ["civitai (dot) com/models/123456", "civitai:model:123456"],
  ["civitai {dot} com/models/123456", "civitai:model:123456"],
  ["civitai dot com/models/123456", "civitai:model:123456"],
  ["civitai . com/models/123456", "civitai:model:123456"],
  ["civitai .com / models / 123456", "civitai:model:123456"],
  ["https[:]//civitai.com/models/123456", "civitai:model:123456"],
  ["h**ps://civitai.com/models/123456", "civitai:model:123456"],
  ["civi\u200btai.c\u200dom/mod\u2060els/123456", "civitai:model:123456"],
  ["ｃｉｖｉｔａｉ．ｃｏｍ／ｍｏｄｅｌｓ／１２３４５６", "civitai:model:123456"],
  ["https://civitai.com%2Fmodels%2F123456", "civitai:model:123456"],
  ["huggingface [.] co/gardeners/gnome-xl", "huggingface:repo:gardeners/gnome-xl"],
  ["tensor dot art/models/757279507095956705", "tensorart:model:757279507095956705"],
  ["HTTPS://CIVITAI.COM/MODELS/123456", "civitai:model:123456"],
  ["https://civitai.com//models//123456", "civitai:model:123456"],
  ["civitai.com/models/1 2 3 4 5 6", "civitai:model:123456"],
  ["https://civi\ntai.com/models/123456", "civitai:model:123456"],
  ["https://civi-\n> tai.com/models/123456", "civitai:model:123456"],
  ["c1v1tai[.]com/models/123456", "civitai:model:123456"],
  ["civitai(dot)c0m/models/123456", "civitai:model:123456"],
  ["gnome_v2[.]safetensors", "file:gnome_v2.safetensors"],
]

for (const [text, id] of positives) {
  test(`one artefact is found in: ${text}`, () => assert.deepEqual(ids(text), [id]))
}

const negatives: readonly string[] = [
  // Pages of hubs that are no model
  "https://civitai.com/",
  "https://civitai.com/models",
  "https://civitai.com/models?query=gnome",
  "https://civitai.com/images/123456",
  "https://civitai.com/posts/123456",
  "https://civitai.com/user/gardener",
  "https://civitai.com/articles/1234/how-to-paint-gnomes",
  "https://civitai.com/collections/1234",
  "https://civitai.com/tag/garden",
  "https://education.civitai.com/models/1",
  "https://notcivitai.com/models/123456",
  "https://civitai.com.example.org/models/123456",
  "mail gnome@civitai.com/models/1",
  "https://huggingface.co/datasets/gardeners/gnomes",
  "https://huggingface.co/spaces/gardeners/gnome-demo",
  "https://huggingface.co/gardeners",
  "https://huggingface.co/docs/diffusers",
  "https://huggingface.co/docs/diffusers/index",
  "https://huggingface.co/blog/lora",
  "https://huggingface.co/papers/2106.09685",
  "https://huggingface.co/models?search=gnome",
  "https://huggingface.co/collections/gardeners/gnomes-65f",
  "https://huggingface.co/posts/gardeners/123",
  "https://huggingface.co/learn/cookbook/index",
  "https://huggingface.co/settings/tokens",
  "https://huggingface.co/api/datasets/gardeners/gnomes",
  "https://huggingface.co/gardeners/followers",
  "https://hf.co/datasets/gardeners/gnomes/resolve/main/gnomes.zip",
  "hf://datasets/gardeners/gnomes/train.parquet",
  "https://tensor.art/images/757279507095956705",
  "https://tensor.art/u/757279507095956705",
  "https://tensor.art/workflows/757279507095956705",
  `https://www.seaart.ai/articleDetail/${hex32}`,
  "https://www.modelscope.cn/datasets/gardeners/gnomes",
  "https://www.modelscope.cn/studios/gardeners/gnome",
  `https://www.liblib.art/imageinfo/${hex32}`,
  "https://openmodeldb.info/users/gardener",
  "https://pixai.art/artwork/1648918127446573124",
  "https://replicate.com/docs/reference",
  "https://replicate.com/pricing",
  "https://ollama.com/blog/gnome",
  "https://github.com/gardeners/gnome",
  "https://github.com/o/r/releases/download/v1/gnome-installer.exe",
  "https://github.com/o/r/blob/main/gnome.py",
  "https://mega.nz/pro",
  "https://gofile.io/welcome",
  "https://pixeldrain.com/about",
  "https://files.catbox.moe/ab12cd.png",
  "https://drive.google.com/drive/my-drive",
  // Numbers that are no model's hash
  "commit 4b22cd2f1f0e4d6c8a9b0c1d2e3f4a5b6c7d8e9f",
  "fixed in a5f58eb1c3",
  `docker pull gnome@sha256:${sha256}`,
  `sha256sum gnome.iso: ${sha256}`,
  "The model has 123456 parameters; hash browns for lunch",
  "model hash: unknown",
  // Names that are no model file
  "https://www.gnomos.pt/jardim",
  "A loja gnomos.pt vende modelos de jardim",
  "we trained a LoRA; the shop is at https://anoes.pt today",
  "mail to jardim@gnomos.pt about embeddings",
  "torch.save(model.state_dict(), 'model.pt')",
  "load resnet18_5c106cde.pth with torch.load",
  "flash firmware_v2.bin to the ESP32",
  "garden.cue and garden_01.bin are a CD image",
  "model.safetensors.index.json lists the shards",
  "model.safetensors and pytorch_model.bin are both there",
  "diffusion_pytorch_model.fp16.safetensors",
  "model-00001-of-00005.safetensors",
  "any .safetensors or .ckpt file will do",
  "pip install safetensors==0.4.3",
  "npm install @gardeners/gnome-model@1.2.3",
  "import { lora } from 'gnome'",
  "write <lora:name:weight> into the prompt",
  "embedding: a vector of 768 numbers",
  "the ratio a:lora:b is undefined",
  "easy-install.pth in site-packages",
  "magnet:?dn=gnome",
  `magnet:?xt=urn:btih:${magnetHash}&dn=garden-linux-24.04.iso`,
  `Ubuntu 24.04 by torrent: magnet:?xt=urn:btih:${magnetHash}`,
  "magnets hold the gnome to the fridge",
  "ipfs is a network",
  "I use civitai. Comments are welcome. A point. Art is long",
  "tensor. Art and science; the dot com boom",
]

for (const text of negatives) {
  test(`no artefact is found in: ${text}`, () => assert.deepEqual(ids(text), []))
}

test("the tables are as large as the promise", () => {
  assert.ok(positives.length >= 80)
  assert.ok(negatives.length >= 60)
})

test("a mention's span is its place in the text as it was written, and its disguise is named", () => {
  const table: readonly (readonly [string, string, string | undefined])[] = [
    ["look: https://civitai.com/models/12, nice", "https://civitai.com/models/12", undefined],
    ["look: hxxps://civitai.com/models/12, nice", "hxxps://civitai.com/models/12", "hxxp"],
    ["\u200blook: civitai [.] com/models/12 nice", "civitai [.] com/models/12", "bracket"],
    ["two: civitai dot com/models/12!", "civitai dot com/models/12", "dot"],
    ["a ci\u200bvitai .com / models / 12 b", "ci\u200bvitai .com / models / 12", "space+zero-width"],
    [
      "x hxxp://tensor[.]art/models/757279507095956705 y",
      "hxxp://tensor[.]art/models/757279507095956705",
      "bracket+hxxp",
    ],
    ["gn\u200bome_v2.safetensors", "gn\u200bome_v2.safetensors", "zero-width"],
    ["Model hash: a5f58eb1c3", "a5f58eb1c3", undefined],
    ["(dot) before ｃivitai.com/models/12", "ｃivitai.com/models/12", "fullwidth"],
  ]
  for (const [text, written, disguise] of table) {
    const [mention, ...more] = textReader.read(text, []).artefacts
    assert.equal(more.length, 0)
    assert.equal(text.slice(...mention!.span), written)
    assert.equal(mention!.disguise, disguise)
  }
})

test("the same model named by text and by link target counts once, at its place in the text", () => {
  const text = "my gnome: https://civitai.com/models/12 and again civitai.com/models/12/gnome"
  const { artefacts } = textReader.read(text, ["https://civitai.com/models/12/gnome-style"])
  assert.deepEqual(artefacts, [{ id: "civitai:model:12", platform: "civitai", kind: "model", span: [10, 39] }])
})

test("a model that only a link target names has no place in the text", () => {
  const { artefacts } = textReader.read("click here", ["https://hf.co/gardeners/gnome", "https://example.org/"])
  assert.deepEqual(artefacts, [
    { id: "huggingface:repo:gardeners/gnome", platform: "huggingface", kind: "model", span: [0, 0] },
  ])
})

test("an address that a forum shows shortened is read from its link target and placed where it is shown", () => {
  const text = "here: https://huggingface.co/gardeners/gno ... safetensors ok"
  const target = "https://huggingface.co/gardeners/gnome-xl/resolve/main/gnome.safetensors"
  const { artefacts } = textReader.read(text, [target])
  assert.deepEqual(
    artefacts.map(({ id }) => id),
    ["huggingface:repo:gardeners/gnome-xl"],
  )
  assert.equal(text.slice(...artefacts[0]!.span), "https://huggingface.co/gardeners/gno")
})

test("a download address and the page of the same version are one artefact", () => {
  assert.deepEqual(
    ids("https://civitai.com/models/12?modelVersionId=34 direct: https://civitai.com/api/download/models/34"),
    ["civitai:model:12@34"],
  )
})

test("an AIR URN says the kind that a link leaves open", () => {
  const { artefacts } = textReader.read("urn:air:sdxl:lora:civitai:12@34", [])
  assert.deepEqual(artefacts, [
    { id: "civitai:model:12@34", platform: "civitai", kind: "lora", baseModel: "sdxl", span: [0, 31] },
  ])
})

test("a magnet and a file host's link are files, not models", () => {
  const { artefacts } = textReader.read(`magnet:?xt=urn:btih:${magnetHash} https://gofile.io/d/aBc123`, [])
  assert.deepEqual(
    artefacts.map(({ kind }) => kind),
    ["file", "folder"],
  )
})

test("the key of a MEGA link appears nowhere in what is read", () => {
  const read = textReader.read("https://mega.nz/file/AbCdEf12#secretgnome https://mega.nz/#!AbCdEf13!secretgnome", [
    "https://mega.nz/folder/AbCdEf14#secretgnome",
  ])
  assert.equal(read.artefacts.length, 3)
  assert.ok(!JSON.stringify(read).includes("secretgnome"))
})

test("links to character platforms are found, plain, disguised and as targets; a platform's name alone is none", () => {
  const read = (text: string, links: string[] = []) => textReader.read(text, links).characters
  assert.deepEqual(read("https://character.ai/chat/gnome1"), [{ platform: "character.ai", span: [0, 32] }])
  assert.deepEqual(
    read("see chub[.]ai/characters/gardener/gnome").map((one) => one.platform),
    ["chub"],
  )
  assert.deepEqual(read("here", ["https://janitorai.com/characters/gnome"]), [{ platform: "janitorai", span: [0, 0] }])
  assert.equal(read("https://spicychat.ai/chat/1", ["https://spicychat.ai/chat/1"]).length, 1)
  assert.deepEqual(
    read("I like character.ai. https://character.ai/about https://notchub.ai/x https://chub.ai.example.org/"),
    [],
  )
})

test("a post far beyond the limit is read up to the limit", () => {
  const text = `${"gnome ".repeat(1_700_000)} https://civitai.com/models/12`
  assert.deepEqual(ids(text), [])
  assert.deepEqual(ids(`https://civitai.com/models/12 ${text}`), ["civitai:model:12"])
})
