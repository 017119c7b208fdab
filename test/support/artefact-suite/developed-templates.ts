import type { Draw, Templates } from "./snippet.ts"

const lower = "abcdefghijklmnopqrstuvwxyz0123456789"
const mixed = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
const owner = (draw: Draw) => draw.pick(["gnomeworks", "Hillside-Studio", "potting.shed", "fern_wood"])
const code = (draw: Draw, length: number) => `a7${draw.text(mixed, length - 2)}`

/** Templates that the reader was developed against. */
export const developed: Templates = {
  addresses: {
    "civitai-page": (d) => {
      const id = d.digits(6)
      return { written: `https://civitai.com/models/${id}/${d.name()}`, id: `civitai:model:${id}` }
    },
    "civitai-version": (d) => {
      const [id, version] = [d.digits(5), d.digits(6)]
      return {
        written: `https://civitai.com/models/${id}?modelVersionId=${version}`,
        id: `civitai:model:${id}@${version}`,
      }
    },
    "civitai-download": (d) => {
      const version = d.digits(6)
      return {
        written: `https://civitai.com/api/download/models/${version}?type=Model&format=SafeTensor`,
        id: `civitai:version:${version}`,
      }
    },
    "civitai-archive": (d) => {
      const id = d.digits(6)
      return { written: `https://civarchive.com/models/${id}`, id: `civitai:model:${id}` }
    },
    "civitai-mirror": (d) => {
      const id = d.digits(6)
      return { written: `https://civitai.work/models/${id}`, id: `civitai:model:${id}` }
    },
    "huggingface-repo": (d) => {
      const name = `${owner(d)}/${d.name()}`
      return { written: `https://huggingface.co/${name}`, id: `huggingface:repo:${name.toLowerCase()}` }
    },
    "huggingface-file": (d) => {
      const name = `${owner(d)}/${d.name()}`
      return {
        written: `https://huggingface.co/${name}/resolve/main/${d.name()}.safetensors`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "huggingface-mirror": (d) => {
      const name = `${owner(d)}/${d.name()}`
      return { written: `https://hf-mirror.com/${name}/tree/main`, id: `huggingface:repo:${name.toLowerCase()}` }
    },
    tensorart: (d) => {
      const id = d.digits(18)
      return { written: `https://tensor.art/models/${id}/${d.name()}`, id: `tensorart:model:${id}` }
    },
    seaart: (d) => {
      const id = d.hex(32)
      return { written: `https://www.seaart.ai/models/detail/${id}`, id: `seaart:model:${id}` }
    },
    liblib: (d) => {
      const id = d.hex(32)
      return { written: `https://www.liblib.art/modelinfo/${id}`, id: `liblib:model:${id}` }
    },
    shakker: (d) => {
      const id = d.hex(32)
      return { written: `https://www.shakker.ai/modelinfo/${id}/${d.name()}?from=search`, id: `shakker:model:${id}` }
    },
    openmodeldb: (d) => {
      const name = `4x-${d.name()}`
      return { written: `https://openmodeldb.info/models/${name}`, id: `openmodeldb:model:${name}` }
    },
    modelscope: (d) => {
      const name = `${owner(d)}/${d.name()}`
      return { written: `https://modelscope.cn/models/${name}/summary`, id: `modelscope:repo:${name.toLowerCase()}` }
    },
    pixai: (d) => {
      const id = d.digits(19)
      return { written: `https://pixai.art/en/model/${id}`, id: `pixai:model:${id}` }
    },
    mega: (d) => {
      const id = code(d, 8)
      return { written: `https://mega.nz/file/${id}#${d.text(mixed, 43)}`, id: `mega:file:${id}` }
    },
    gofile: (d) => {
      const id = code(d, 6)
      return { written: `https://gofile.io/d/${id}`, id: `gofile:folder:${id}` }
    },
    pixeldrain: (d) => {
      const id = code(d, 8)
      return { written: `https://pixeldrain.com/u/${id}`, id: `pixeldrain:file:${id}` }
    },
    mediafire: (d) => {
      const id = `a7${d.text(lower, 13)}`
      return { written: `https://www.mediafire.com/file/${id}/${d.name()}.zip/file`, id: `mediafire:file:${id}` }
    },
    drive: (d) => {
      const id = `1${code(d, 32)}`
      return { written: `https://drive.google.com/file/d/${id}/view?usp=sharing`, id: `googledrive:file:${id}` }
    },
    workupload: (d) => {
      const id = code(d, 11)
      return { written: `https://workupload.com/file/${id}`, id: `workupload:file:${id}` }
    },
  },
  names: {
    lora: (d) => {
      const name = d.name()
      return { written: `<lora:${name}:0.${d.int(1, 9)}>`, id: `lora:${name}` }
    },
    "lora-capitals": (d) => {
      const name = `${d.name()}_XL`
      return { written: `<lora:${name}:1>`, id: `lora:${name.toLowerCase()}` }
    },
    embedding: (d) => {
      const name = d.name()
      return { written: `embedding:${name}`, id: `embedding:${name}` }
    },
    safetensors: (d) => {
      const name = `${d.name()}.safetensors`
      return { written: name, id: `file:${name}` }
    },
    gguf: (d) => {
      const name = `${d.name()}.Q4_K_M.gguf`
      return { written: name, id: `file:${name.toLowerCase()}` }
    },
    ckpt: (d) => {
      const name = `${d.name()}.ckpt`
      return { written: `the checkpoint ${name}`, id: `file:${name}` }
    },
    "textual-inversion": (d) => {
      const name = `${d.name()}.pt`
      return { written: `the textual inversion ${name}`, id: `file:${name}` }
    },
    air: (d) => {
      const [id, version] = [d.digits(6), d.digits(6)]
      return { written: `urn:air:sdxl:lora:civitai:${id}@${version}`, id: `civitai:model:${id}@${version}` }
    },
    "model-hash": (d) => {
      const hash = d.hex(10)
      return { written: `Model hash: ${hash}`, id: `autov2:${hash}` }
    },
    autov3: (d) => {
      const hash = d.hex(12)
      return { written: `AutoV3: ${hash.toUpperCase()}`, id: `autov3:${hash}` }
    },
    sha256: (d) => {
      const hash = d.hex(64)
      return { written: `SHA256 of the LoRA: ${hash}`, id: `sha256:${hash}` }
    },
    magnet: (d) => {
      const hash = d.hex(40)
      return { written: `magnet:?xt=urn:btih:${hash}&dn=${d.name()}`, id: `bittorrent:btih:${hash}` }
    },
    ipfs: (d) => {
      const cid = `Qm${d.text(base58, 44)}`
      return { written: `ipfs://${cid}`, id: `ipfs:cid:${cid}` }
    },
  },
  carriers: [
    (r) => `Found it: ${r}`,
    (r) => `${r} is what I used for the gnomes.`,
    (r) => `Have a look at ${r}, it does mossy walls well`,
    (r) => `mirror (${r})`,
    (r) => `line one\n${r}\nline three`,
    (r) => `> quoted words\nThe style comes from ${r}`,
    (r) => `${r}`,
  ],
  nameCarriers: [
    (r) => `I used ${r} for the pond`,
    (r) => `garden gnome beside a pond, ${r} , soft light`,
    (r) => `Settings: ${r}`,
    (r) => `${r}`,
    (r) => `try\n${r}\nand tell me`,
  ],
  disguises: {
    hxxp: (w) => w.replace("http", "hxxp"),
    "bracket-dot": (w) => w.replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info)\b)/, "[.]"),
    "word-dot": (w) => w.replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info)\b)/, "[dot]"),
    "round-dot": (w) => w.replace("https://", "").replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info)\b)/, "(dot)"),
    "spelled-dot": (w) => w.replace("https://", "").replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info)\b)/, " dot "),
    "spaced-dot": (w) => w.replace("https://", "").replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info)\b)/, " . "),
    "zero-width": (w, d) => {
      const at = d.int(10, 18)
      return `${w.slice(0, at)}\u200b${w.slice(at)}`
    },
    percent: (w) => `https://example.org/out?url=${encodeURIComponent(w)}`,
    "percent-twice": (w) => `https://example.org/out?url=${encodeURIComponent(encodeURIComponent(w))}`,
    cyrillic: (w) =>
      w.replace(/^(https:\/\/[^/]*)/, (host) => host.replace("i", "і").replace("e", "е").replace("o", "о")),
    base64: (w) => Buffer.from(w).toString("base64"),
    rot13: (w) =>
      w.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < "n" ? 13 : -13))),
    reversed: (w) => [...w].reverse().join(""),
    "line-break": (w) => w.replace(/^(https:\/\/[^/]*\/)/, "$1\n"),
    spaced: (w) => w.replace(/^(https:\/\/[^/]*)\//, "$1 / "),
  },
  negatives: {
    "git-commit": (d) => `fixed in commit ${d.hex(40)}, please pull the garden branch`,
    "git-short": (d) => `Regression since ${d.hex(8)}; bisect says ${d.hex(10)}`,
    docker: (d) => `docker pull ghcr.io/gardeners/gnome@sha256:${d.hex(64)}`,
    "iso-sum": (d) => `sha256sum garden-linux.iso gives ${d.hex(64)}, matches the page`,
    "linux-magnet": (d) => `magnet:?xt=urn:btih:${d.hex(40)}&dn=ubuntu-24.04.${d.int(1, 4)}-desktop-amd64.iso`,
    domain: (d) => `The shop is at https://www.${d.name()}.pt/jardim and sells gnomes`,
    dataset: (d) => `the photos are in https://huggingface.co/datasets/gnomeworks/${d.name()}`,
    space: (d) => `demo: https://huggingface.co/spaces/gnomeworks/${d.name()}`,
    "hub-user": (d) => `my profile is https://civitai.com/user/${d.name()}`,
    "hub-image": (d) => `nice picture https://civitai.com/images/${d.digits(7)}`,
    "hub-post": (d) => `https://civitai.com/posts/${d.digits(6)} has all of them`,
    "hub-article": (d) => `read https://civitai.com/articles/${d.digits(4)}/how-to-paint-${d.name()}`,
    docs: () => "See https://huggingface.co/docs/diffusers/index for the pipelines",
    pip: (d) => `pip install safetensors==0.${d.int(3, 6)}.${d.int(0, 9)} and restart`,
    npm: (d) => `npm install @gardeners/${d.name()}@${d.int(1, 9)}.0.0`,
    firmware: (d) => `flash ${d.name()}.bin to the ESP32 with esptool`,
    "torch-save": (d) => `torch.save(net.state_dict(), "${d.name()}_resnet.pth") # the classifier of beds`,
    github: (d) => `https://github.com/gardeners/${d.name()}/issues/${d.int(1, 999)}`,
    chatter: (d) => `My ${d.name()} stands beside the pond. Art is long, the model railway runs past it.`,
    lockfile: (d) => `"integrity": "sha512-${d.text(mixed, 86)}==",`,
    uuid: (d) => `request ${d.uuid()} failed with 502`,
    video: (d) => `https://www.youtube.com/watch?v=${d.text(mixed, 11)} shows how to cast concrete gnomes`,
    "embedding-word": () => "the embedding layer has 768 dimensions and a vocabulary of 32000",
    "owner-and-repository": (d) =>
      `https://huggingface.co/gnomeworks${d.pick([" ", "\n"])}has some, like ${d.name()}/tree`,
    "owner-then-path": (d) => `https://huggingface.co/gnomeworks${d.pick([" ", "\n"])}src/${d.name()} is a folder`,
    licence: () => "@license magnet:?xt=urn:btih:0b31508aeb0634b347b8270c7bee4d411b5d4109&dn=agpl-3.0.txt AGPL v3.0",
    "training-run": (d) =>
      `restored checkpoints/epoch=${d.int(1, 90)}-step=${d.int(100, 9999)}.ckpt, best.ckpt and step${d.digits(6)}.ckpt`,
    "own-checkpoint": () => 'fabric.save("my-checkpoint.ckpt", state) writes the checkpoint',
    "bare-extension": () => "Stable Diffusionのモデルファイル（.ckpt）を指定します",
    "owner-page": (d) => `https://huggingface.co/gnomeworks/ ${d.pick(["has", "and", "Great"])} work`,
    "owner-page-line": () => "https://huggingface.co/gnomeworks/\nGreat work, thanks",
    "hash-word": (d) => `the hash map holds ${d.digits(8)} entries; model training took a day`,
  },
}
