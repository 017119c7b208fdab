import type { Draw, Templates } from "./snippet.ts"

const mixed = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const base32 = "abcdefghijklmnopqrstuvwxyz234567"
const repository = (draw: Draw) =>
  `${draw.pick(["Rockery-Lab", "mossbank", "TinyGardens", "lantern.co"])}/${draw.name().replaceAll("-", "_")}`
const code = (draw: Draw, length: number) => `B3${draw.text(mixed, length - 2)}`

/** Held out at first: measured once (recall 0.955, precision 1, ids exact 0.948), then its faults were mended, so it counts as developed now. */
export const firstHeldOut: Templates = {
  addresses: {
    "civitai-bare": (d) => {
      const id = d.digits(7)
      return { written: `civitai.com/models/${id}`, id: `civitai:model:${id}` }
    },
    "civitai-green-version": (d) => {
      const [id, version] = [d.digits(6), d.digits(7)]
      return {
        written: `https://civitai.green/models/${id}/${d.name()}?dialog=gallery&modelVersionId=${version}`,
        id: `civitai:model:${id}@${version}`,
      }
    },
    "civitai-api": (d) => {
      const version = d.digits(6)
      return { written: `https://civitai.com/api/v1/model-versions/${version}`, id: `civitai:version:${version}` }
    },
    "civitai-by-hash": (d) => {
      const hash = d.hex(12)
      return {
        written: `https://civitai.com/api/v1/model-versions/by-hash/${hash.toUpperCase()}`,
        id: `autov3:${hash}`,
      }
    },
    "archive-of-tensorart": (d) => {
      const id = d.digits(18)
      return { written: `https://civarchive.com/tensorart/models/${id}/versions/${id}`, id: `tensorart:model:${id}` }
    },
    "archive-by-digest": (d) => {
      const hash = d.hex(64)
      return { written: `https://civarchive.com/sha256/${hash}`, id: `sha256:${hash}` }
    },
    "huggingface-blob": (d) => {
      const name = repository(d)
      return {
        written: `https://huggingface.co/${name}/blob/main/unet/${d.name()}.safetensors`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "huggingface-short": (d) => {
      const name = repository(d)
      return { written: `https://hf.co/${name}`, id: `huggingface:repo:${name.toLowerCase()}` }
    },
    "huggingface-api": (d) => {
      const name = repository(d)
      return {
        written: `https://huggingface.co/api/models/${name}/tree/main?recursive=1`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "huggingface-discussion": (d) => {
      const name = repository(d)
      return {
        written: `https://huggingface.co/${name}/discussions/${d.int(1, 90)}#65f0c0ffee`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "tensorart-locale": (d) => {
      const id = d.digits(19)
      return { written: `https://tensor.art/zh-CN/models/${id}`, id: `tensorart:model:${id}` }
    },
    tensorhub: (d) => {
      const id = d.digits(18)
      return { written: `https://tensorhub.art/models/${id}/${d.name()}`, id: `tensorart:model:${id}` }
    },
    "seaart-short-id": (d) => {
      const id = `c${d.text("0123456789abcdefghijklmnopqrstuv", 19)}`
      return { written: `https://www.seaart.ai/indo/models/detail/${id}`, id: `seaart:model:${id}` }
    },
    "liblib-version": (d) => {
      const [id, version] = [d.hex(32), d.hex(32)]
      return {
        written: `https://www.liblib.art/modelinfo/${id}?from=feed&versionUuid=${version}`,
        id: `liblib:model:${id}@${version}`,
      }
    },
    "modelscope-file": (d) => {
      const name = repository(d)
      return {
        written: `https://www.modelscope.cn/models/${name}/resolve/master/${d.name()}.safetensors`,
        id: `modelscope:repo:${name.toLowerCase()}`,
      }
    },
    "modelscope-ai": (d) => {
      const name = repository(d)
      return { written: `https://modelscope.ai/models/${name}`, id: `modelscope:repo:${name.toLowerCase()}` }
    },
    yodayo: (d) => {
      const id = d.uuid()
      return { written: `https://yodayo.com/models/${id}`, id: `yodayo:model:${id}` }
    },
    arcenciel: (d) => {
      const id = d.digits(5)
      return { written: `https://arcenciel.io/models/${id}`, id: `arcenciel:model:${id}` }
    },
    "mega-folder": (d) => {
      const id = code(d, 8)
      return { written: `https://mega.nz/folder/${id}#${d.text(mixed, 22)}`, id: `mega:folder:${id}` }
    },
    "mega-old": (d) => {
      const id = code(d, 8)
      return { written: `https://mega.nz/#!${id}!${d.text(mixed, 43)}`, id: `mega:file:${id}` }
    },
    "drive-open": (d) => {
      const id = `1${code(d, 32)}`
      return { written: `https://drive.google.com/uc?export=download&id=${id}`, id: `googledrive:file:${id}` }
    },
    "drive-folder": (d) => {
      const id = `1${code(d, 32)}`
      return { written: `https://drive.google.com/drive/folders/${id}?usp=drive_link`, id: `googledrive:folder:${id}` }
    },
    dropbox: (d) => {
      const id = code(d, 21)
      return {
        written: `https://www.dropbox.com/scl/fi/${id}/${d.name()}.zip?rlkey=${d.text(mixed, 25)}&dl=0`,
        id: `dropbox:file:${id}`,
      }
    },
    baidu: (d) => {
      const id = `1${code(d, 22)}`
      return { written: `https://pan.baidu.com/s/${id}?pwd=moss`, id: `baidupan:folder:${id}` }
    },
    krakenfiles: (d) => {
      const id = code(d, 10)
      return { written: `https://krakenfiles.com/view/${id}/file.html`, id: `krakenfiles:file:${id}` }
    },
    "catbox-file": (d) => {
      const id = `${d.text("abcdefghijklmnopqrstuvwxyz0123456789", 6)}.safetensors`
      return { written: `https://files.catbox.moe/${id}`, id: `catbox:file:${id}` }
    },
    buzzheavier: (d) => {
      const id = `f6${d.text("abcdefghijklmnopqrstuvwxyz0123456789", 10)}`
      return { written: `https://buzzheavier.com/${id}`, id: `buzzheavier:file:${id}` }
    },
    yandex: (d) => {
      const id = code(d, 14)
      return { written: `https://disk.yandex.ru/d/${id}`, id: `yandexdisk:folder:${id}` }
    },
    "github-release": (d) => {
      const id = `mossbank/moss/releases/download/v${d.int(1, 9)}/${d.name()}.safetensors`
      return { written: `https://github.com/${id}`, id: `github:release:${id}` }
    },
    "onion-host": (d) => {
      const [host, file] = [d.text(base32, 56), `${d.name()}.zip`]
      return { written: `http://${host}.onion/d/${file}`, id: `onion:file:${host}.onion/d/${file}` }
    },
  },
  names: {
    "lora-folder": (d) => {
      const name = d.name().replaceAll("-", "_")
      return { written: `<lora:styles/${name}:0.65:0.3>`, id: `lora:${name}` }
    },
    lycoris: (d) => {
      const name = d.name()
      return { written: `<lyco:${name}:0.7>`, id: `lycoris:${name}` }
    },
    hypernet: (d) => {
      const name = d.name()
      return { written: `<hypernet:${name}:1.0>`, id: `hypernet:${name}` }
    },
    "embedding-weight": (d) => {
      const name = d.name().replaceAll("-", "_")
      return { written: `(embedding:${name}:1.2)`, id: `embedding:${name}` }
    },
    "workflow-key": (d) => {
      const name = `${d.name()}.safetensors`
      return { written: `{"lora_name": "${name}", "strength_model": 0.8}`, id: `file:${name}` }
    },
    "windows-path": (d) => {
      const name = `${d.name()}.safetensors`
      return { written: `C:\\webui\\models\\Lora\\${name}`, id: `file:${name}` }
    },
    "upscaler-file": (d) => {
      const name = `4x_${d.name()}.pth`
      return { written: `ESRGAN/${name}`, id: `file:${name}` }
    },
    "embeddings-folder": (d) => {
      const name = `${d.name()}.bin`
      return { written: `put the embedding ${name} into the folder`, id: `file:${name}` }
    },
    "quoted-name": (d) => {
      const name = `Garden Lights ${d.int(2, 99)}.safetensors`
      return { written: `"${name}"`, id: `file:${name.toLowerCase()}` }
    },
    "air-short": (d) => {
      const [id, version] = [d.digits(6), d.digits(6)]
      return { written: `air:flux1:checkpoint:civitai:${id}@${version}`, id: `civitai:model:${id}@${version}` }
    },
    "civitai-shorthand": (d) => {
      const [id, version] = [d.digits(6), d.digits(6)]
      return { written: `civitai:${id}@${version}`, id: `civitai:model:${id}@${version}` }
    },
    "autov1-label": (d) => {
      const hash = d.hex(8)
      return { written: `AutoV1 ${hash.toUpperCase()}`, id: `autov1:${hash}` }
    },
    "lora-hashes": (d) => {
      const hash = d.hex(12)
      return { written: `Lora hashes: "${d.name()}: ${hash}"`, id: `autov3:${hash}` }
    },
    "hash-table": (d) => {
      const hash = d.hex(10)
      return { written: `Hashes: {"model": "${hash}"}`, id: `autov2:${hash}` }
    },
    blake3: (d) => {
      const hash = d.hex(64)
      return { written: `BLAKE3 of the checkpoint: ${hash}`, id: `blake3:${hash}` }
    },
    crc32: (d) => {
      const hash = d.hex(8)
      return { written: `LoRA file, CRC32: ${hash.toUpperCase()}`, id: `crc32:${hash}` }
    },
    "magnet-base32": (d) => {
      const hash = d.hex(40)
      return {
        written: `magnet:?dn=${d.name()}.safetensors&xt=urn:btih:${hash.toUpperCase()}&tr=udp%3A%2F%2Ftracker.example.org%3A1337`,
        id: `bittorrent:btih:${hash}`,
      }
    },
    "magnet-v2": (d) => {
      const hash = d.hex(64)
      return { written: `magnet:?xt=urn:btmh:1220${hash}&dn=${d.name()}`, id: `bittorrent:btmh:${hash}` }
    },
    "ipfs-gateway": (d) => {
      const cid = `bafybei${d.text(base32, 52)}`
      return { written: `https://gateway.example.org/ipfs/${cid}/weights`, id: `ipfs:cid:${cid}` }
    },
    "from-pretrained": (d) => {
      const name = repository(d)
      return {
        written: `pipe = StableDiffusionXLPipeline.from_pretrained("${name}", torch_dtype=torch.float16)`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "command-line": (d) => {
      const name = repository(d)
      return {
        written: `huggingface-cli download ${name} --local-dir ./weights`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
  },
  carriers: [
    (r, d) => `${d.pick(["Download", "Link", "Source", "DL"])} → ${r}`,
    (r) => `[b]Weights:[/b] ${r}`,
    (r) => `[url=${r}]the moss one[/url]`,
    (r) => `- ${r}\n- and the usual sampler`,
    (r) => `wget "${r}" -O weights`,
    (r) => `Спасибо! Вот ссылка: ${r}`,
    (r) => `模型链接：${r}\n谢谢`,
    (r) => `it was taken down, so here is a copy <${r}>`,
    (r) => `**${r}**`,
  ],
  nameCarriers: [
    (r) => `what I put in the box: ${r}`,
    (r) => `\`\`\`\n${r}\n\`\`\``,
    (r) => `[code]${r}[/code] does the hats`,
    (r) => `Steps: 28, Sampler: Euler a\n${r}\nthat is all`,
    (r) => `Nimm ${r} und eine niedrige Auflösung.`,
  ],
  disguises: {
    "stars-scheme": (w) => w.replace(/^http/, "h**p"),
    "capital-scheme": (w) => w.replace(/^https/, "hXXps"),
    "bracket-colon": (w) =>
      w.replace("://", "[://]").replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info|ru|moe|onion)\b)/, "[.]"),
    "curly-dot": (w) =>
      w.replace(/^https?:\/\//, "").replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info|ru|moe|onion)\b)/, "{.}"),
    "spaced-bracket": (w) =>
      w.replace(/^https?:\/\//, "").replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info|ru|moe|onion)\b)/, " [dot] "),
    "capital-dot": (w) =>
      w.replace(/^https?:\/\//, "").replace(/\.(?=(?:com|co|art|ai|io|nz|cn|info|ru|moe|onion)\b)/, " DOT "),
    "word-joiner": (w) => [...w].map((c, place) => (place % 5 === 4 ? `${c}\u2060` : c)).join(""),
    "soft-hyphen": (w) => w.replace(/([a-z]{3})([a-z])/, "$1\u00ad$2"),
    override: (w) => `\u202d${w}\u202c`,
    "full-width": (w) =>
      [...w].map((c) => (c > " " && c < "\x7f" ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c)).join(""),
    entities: (w) => w.replaceAll(".", "&#46;").replaceAll("/", "&#x2F;"),
    "all-percent": (w) =>
      w.replace(
        /^(https?:\/\/)?([^/]*)(.*)$/,
        (_, s = "", host: string, rest: string) =>
          s + [...host].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("") + rest,
      ),
    escapes: (w) => w.replaceAll(".", "\\u002e").replaceAll("/", "\\/"),
    greek: (w) => w.replace(/^(https?:\/\/)?([^/]*)/, (host) => host.replace("o", "ο").replace("a", "α")),
    "digit-letters": (w) =>
      w.replace(
        /^(https?:\/\/)?((?:www\.|m\.)?)([^/.]*)/,
        (_, s = "", sub: string, label: string) => s + sub + label.replace("i", "1").replace("o", "0"),
      ),
    "base64-parameter": (w) => `https://example.org/go?u=${Buffer.from(w).toString("base64url")}`,
    "base64-twice": (w) => Buffer.from(Buffer.from(w).toString("base64")).toString("base64"),
    "rot13-bare": (w) =>
      w
        .replace(/^https?:\/\//, "")
        .replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < "n" ? 13 : -13))),
    "reversed-bare": (w) => [...w.replace(/^https?:\/\//, "")].reverse().join(""),
    hexadecimal: (w) => Buffer.from(w).toString("hex"),
    "broken-host": (w) => w.replace(/^(https?:\/\/)?([^/]*)\//, "$1$2\n/"),
    "spaced-slashes": (w) => w.replace(/^(?:https?:\/\/)?([^/]*)\/([^/]*)\//, "$1 / $2 / "),
    "single-letters": (w) => [...w.replace(/^https?:\/\//, "")].join(" "),
    "space-after-scheme": (w) => w.replace("://", ":// "),
  },
  negatives: {
    "merge-commit": (d) => `Merge pull request #${d.int(1, 900)} (${d.hex(7)}..${d.hex(7)}) into main`,
    "image-digest": (d) => `FROM node:24@sha256:${d.hex(64)} AS build`,
    checksum: (d) => `SHA256 (${d.name()}.tar.gz) = ${d.hex(64)}`,
    "package-hash": (d) => `    --hash=sha256:${d.hex(64)} \\`,
    "distribution-magnet": (d) =>
      `Debian by torrent: magnet:?xt=urn:btih:${d.hex(40)}&dn=debian-13.${d.int(0, 9)}.0-amd64-netinst.iso&tr=http%3A%2F%2Fbttracker.debian.org`,
    "portuguese-shop": (d) => `Visite ${d.name().replaceAll("-", "")}.pt para ver os modelos de jardim`,
    "data-set-file": (d) => `wget https://huggingface.co/datasets/mossbank/${d.name()}/resolve/main/train.parquet`,
    "hub-collection": (d) => `https://huggingface.co/collections/mossbank/gardens-${d.hex(24)}`,
    "hub-paper": (d) => `https://huggingface.co/papers/${d.int(2100, 2512)}.${d.digits(5)}`,
    "hub-search": () => "https://civitai.com/models?tag=garden&sort=Newest is full of gnomes",
    "hub-bounty": (d) => `https://civitai.com/bounties/${d.digits(4)}/paint-${d.name()}`,
    "art-picture": (d) => `https://tensor.art/images/${d.digits(18)} is lovely`,
    "sea-article": (d) => `https://www.seaart.ai/articleDetail/${d.hex(20)}`,
    studio: (d) => `https://www.modelscope.cn/studios/mossbank/${d.name()}`,
    python: (d) => `python setup.py bdist_wheel; dist/${d.name().replaceAll("-", "_")}-0.1-py3-none-any.whl`,
    "pypi-page": (d) => `https://packages.example.org/project/${d.name()}/#files`,
    "cue-sheet": (d) => `The disc image is ${d.name()}.bin with a .cue file beside it`,
    bootloader: (d) => `dd if=u-boot-${d.name()}.bin of=/dev/mmcblk0 # bootloader`,
    lightning: (d) =>
      `Restoring from epoch=${d.int(1, 40)}-step=${d.int(100, 9999)}.ckpt (PyTorch Lightning, classifier)`,
    keras: (d) => `keras saved ${d.name()}_yolo.pt after 40 epochs of training the detector`,
    "release-archive": (d) =>
      `https://github.com/gardeners/tool/releases/download/v${d.int(1, 9)}.0/${d.name()}-linux-x64.tar.gz`,
    address: (d) => `contract 0x${d.hex(40)} holds the tokens`,
    etag: (d) => `ETag: "${d.hex(32)}"; curl says 304`,
    "log-line": (d) =>
      `2026-05-${d.int(10, 28)}T08:00:00Z worker-${d.int(1, 9)} model=accounts id=${d.uuid()} took 12ms`,
    "word-of-dots": () => "She likes tensor calculus. Art, too. The dot product of both is zero, dot by dot.",
    "hugging-words": () => "hugging face to face is fine; co operate. The civic AI comes later.",
    "host-pages": (d) =>
      d.pick([
        "https://mega.nz/pro",
        "https://gofile.io/welcome",
        "https://pixeldrain.com/about",
        "https://workupload.com/faq",
        "https://filebin.net/privacy",
      ]),
    "drive-page": (d) => `https://docs.google.com/document/d/1${d.text(mixed, 40)}/edit has the minutes`,
    "shortened-news": (d) => `The council decided: https://bit.ly/3${d.text(mixed, 6)} (local news)`,
    "base64-certificate": (d) =>
      `-----BEGIN CERTIFICATE-----\nMIID${d.text(mixed, 60)}\n${d.text(mixed, 64)}\n-----END CERTIFICATE-----`,
    token: (d) =>
      `Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.${Buffer.from(`{"sub":"${d.name()}","iat":17${d.digits(8)}}`).toString("base64url")}.${d.text(mixed, 43)}`,
    "shader-code": () => "vec4 c = texture(map, uv); // <lora> fonts are embedded: see embedding: none",
    "usage-text": () => "Write <lora:filename:multiplier> into the prompt, and put .safetensors files into models/Lora",
    "car-model": (d) => `The car's model is BIN-${d.digits(5)}.PT-${d.digits(3)}, painted moss green`,
  },
}
