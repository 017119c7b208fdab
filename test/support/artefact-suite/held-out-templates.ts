import type { Draw, Templates } from "./snippet.ts"

const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const small = "abcdefghijklmnopqrstuvwxyz0123456789"
const base32 = "abcdefghijklmnopqrstuvwxyz234567"
const code = (draw: Draw, length: number) => `x4K${draw.text(letters, length - 3)}`
const maker = (draw: Draw) => draw.pick(["NorthBed", "allotment_7", "compost-heap", "Wren.Works", "dibber"])
const repository = (draw: Draw) =>
  `${maker(draw)}/${draw.pick(["GnomeXL", "moss-flux-dev", "terracotta_v2.1", "PondDiffusion-GGUF", "hedge.lora"])}-${draw.digits(3)}`
const file = (draw: Draw) =>
  `${draw.pick(["GnomeMix", "mossStyle", "PondLights", "hedgerow_xl"])}_v${draw.int(2, 98)}${draw.pick(["", "-fp16", "_pruned", "-000012"])}`
const tops = /\.(?=(?:com|co|art|ai|io|nz|cn|info|ru|moe|st|me|org|gg|net|ms|link|to|gov)(?:[/:?]|$))/

/** Written after the last change of the reader that its figures speak of, without looking at what the reader does with them. */
export const heldOut: Templates = {
  addresses: {
    "civitai-wizard": (d) => {
      const id = d.digits(6)
      return { written: `http://www.civitai.com/models/${id}/wizard?step=2`, id: `civitai:model:${id}` }
    },
    "civitai-red": (d) => {
      const [id, version] = [d.digits(6), d.digits(7)]
      return {
        written: `https://civitai.red/models/${id}/${file(d)}?modelVersionId=${version}#gallery`,
        id: `civitai:model:${id}@${version}`,
      }
    },
    "civitai-token": (d) => {
      const version = d.digits(7)
      return {
        written: `https://civitai.com/api/download/models/${version}?fileId=${d.digits(6)}&token=${d.hex(32)}`,
        id: `civitai:version:${version}`,
      }
    },
    "civitai-rest": (d) => {
      const id = d.digits(6)
      return { written: `https://civitai.com/api/v1/models/${id}`, id: `civitai:model:${id}` }
    },
    "civitai-of-the-web-archive": (d) => {
      const id = d.digits(5)
      return {
        written: `https://web.archive.org/web/20260401000000*/https://civitai.com/models/${id}`,
        id: `civitai:model:${id}`,
      }
    },
    "archive-of-seaart": (d) => {
      const [id, version] = [d.hex(32), d.hex(32)]
      return { written: `https://civarchive.com/seaart/models/${id}/versions/${version}`, id: `seaart:model:${id}` }
    },
    "huggingface-raw": (d) => {
      const name = repository(d)
      return {
        written: `https://huggingface.co/${name}/raw/main/README.md`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "huggingface-git": (d) => {
      const name = repository(d)
      return { written: `https://huggingface.co/${name}.git`, id: `huggingface:repo:${name.toLowerCase()}` }
    },
    "huggingface-revision": (d) => {
      const name = repository(d)
      return {
        written: `https://huggingface.co/${name}/resolve/${d.hex(40)}/${file(d)}.safetensors?download=true`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "huggingface-mirror-file": (d) => {
      const name = repository(d)
      return {
        written: `https://hf-mirror.com/${name}/resolve/main/${file(d)}.gguf`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "tensorart-www": (d) => {
      const id = d.digits(18)
      return { written: `https://www.tensor.art/models/${id}/${file(d)}`, id: `tensorart:model:${id}` }
    },
    tusiart: (d) => {
      const id = d.digits(18)
      return { written: `https://tusiart.com/models/${id}`, id: `tusiart:model:${id}` }
    },
    "seaart-plain": (d) => {
      const id = d.hex(32)
      return { written: `https://seaart.ai/de/models/detail/${id}?inviteId=${d.digits(5)}`, id: `seaart:model:${id}` }
    },
    "shakker-version": (d) => {
      const [id, version] = [d.hex(32), d.hex(32)]
      return {
        written: `https://www.shakker.ai/modelinfo/${id}?versionUuid=${version}`,
        id: `shakker:model:${id}@${version}`,
      }
    },
    "pixai-root": (d) => {
      const id = d.digits(19)
      return { written: `https://pixai.art/model/${id}`, id: `pixai:model:${id}` }
    },
    "modelscope-files": (d) => {
      const name = repository(d)
      return { written: `https://www.modelscope.cn/models/${name}/files`, id: `modelscope:repo:${name.toLowerCase()}` }
    },
    weights: (d) => {
      const id = `clm7${d.text(small, 21)}`
      return { written: `https://www.weights.com/models/${id}`, id: `weights:model:${id}` }
    },
    replicate: (d) => {
      const name = `compost/${d.name()}`
      return { written: `https://replicate.com/${name}`, id: `replicate:model:${name}` }
    },
    ollama: (d) => {
      const name = `compost/${d.name()}`
      return { written: `https://ollama.com/${name}:latest`, id: `ollama:model:${name}` }
    },
    "mega-in-embed": (d) => {
      const id = code(d, 8)
      return { written: `https://mega.nz/embed/${id}#${d.text(letters, 43)}`, id: `mega:file:${id}` }
    },
    "pixeldrain-list": (d) => {
      const id = code(d, 8)
      return { written: `https://pixeldrain.com/l/${id}`, id: `pixeldrain:folder:${id}` }
    },
    "pixeldrain-api": (d) => {
      const id = code(d, 8)
      return { written: `https://pixeldrain.com/api/file/${id}?download`, id: `pixeldrain:file:${id}` }
    },
    "mediafire-folder": (d) => {
      const id = `q9${d.text(small, 11)}`
      return { written: `https://www.mediafire.com/folder/${id}/gnomes`, id: `mediafire:folder:${id}` }
    },
    "drive-by-id": (d) => {
      const id = `1${code(d, 32)}`
      return { written: `https://drive.google.com/open?id=${id}`, id: `googledrive:file:${id}` }
    },
    "dropbox-old": (d) => {
      const id = `k3${d.text(small, 13)}`
      return { written: `https://www.dropbox.com/s/${id}/${file(d)}.safetensors?dl=1`, id: `dropbox:file:${id}` }
    },
    onedrive: (d) => {
      const id = `A${code(d, 24)}`
      return { written: `https://1drv.ms/u/s!${id}`, id: `onedrive:file:${id}` }
    },
    terabox: (d) => {
      const id = `1${code(d, 22)}`
      return { written: `https://www.terabox.com/s/${id}`, id: `terabox:folder:${id}` }
    },
    quark: (d) => {
      const id = d.hex(12)
      return { written: `https://pan.quark.cn/s/${id}`, id: `quark:folder:${id}` }
    },
    mailru: (d) => {
      const id = `${d.text(letters, 4)}/${d.text(letters, 9)}`
      return { written: `https://cloud.mail.ru/public/${id}`, id: `mailru:folder:${id}` }
    },
    wetransfer: (d) => {
      const id = code(d, 10)
      return { written: `https://we.tl/t-${id}`, id: `wetransfer:folder:${id}` }
    },
    "one-fichier": (d) => {
      const id = `k${d.digits(1)}${d.text(small, 18)}`
      return { written: `https://1fichier.com/?${id}`, id: `1fichier:file:${id}` }
    },
    rapidgator: (d) => {
      const id = d.hex(32)
      return { written: `https://rapidgator.net/file/${id}/${file(d)}.rar.html`, id: `rapidgator:file:${id}` }
    },
    litterbox: (d) => {
      const id = `${d.text(small, 6)}.zip`
      return { written: `https://litter.catbox.moe/${id}`, id: `litterbox:file:${id}` }
    },
    qiwi: (d) => {
      const id = code(d, 10)
      return { written: `https://qiwi.gg/file/${id}`, id: `qiwi:file:${id}` }
    },
    swisstransfer: (d) => {
      const id = d.uuid()
      return { written: `https://www.swisstransfer.com/d/${id}`, id: `swisstransfer:folder:${id}` }
    },
    "onion-weights": (d) => {
      const [host, name] = [d.text(base32, 56), `${file(d)}.safetensors`]
      return { written: `http://${host}.onion/uploads/${name}`, id: `onion:file:${host}.onion/uploads/${name}` }
    },
  },
  names: {
    "tag-with-folder": (d) => {
      const name = file(d)
      return { written: `<lora:garden\\${name}:1.15>`, id: `lora:${name.toLowerCase()}` }
    },
    "tag-of-four": (d) => {
      const name = file(d)
      return { written: `<lora:${name}:0.8:0.4:lbw=OUTALL>`, id: `lora:${name.toLowerCase()}` }
    },
    "escaped-tag": (d) => {
      const name = file(d)
      return { written: `&lt;lora:${name}:0.7&gt;`, id: `lora:${name.toLowerCase()}` }
    },
    "checkpoint-key": (d) => {
      const name = `${file(d)}.safetensors`
      return {
        written: `"4": {"inputs": {"ckpt_name": "${name}"}, "class_type": "CheckpointLoaderSimple"}`,
        id: `file:${name.toLowerCase()}`,
      }
    },
    "unix-path": (d) => {
      const name = `${file(d)}.ckpt`
      return { written: `~/stable-diffusion-webui/models/Stable-diffusion/${name}`, id: `file:${name.toLowerCase()}` }
    },
    "embedding-path": (d) => {
      const name = `${file(d)}.pt`
      return { written: `embeddings/${name}`, id: `file:${name.toLowerCase()}` }
    },
    "cyrillic-name": (d) => {
      const name = `гном_сад_v${d.int(2, 90)}.safetensors`
      return { written: name, id: `file:${name}` }
    },
    "bold-name": (d) => {
      const name = `${file(d)}.safetensors`
      return { written: `**${name}**`, id: `file:${name.toLowerCase()}` }
    },
    "escaped-markdown": (d) => {
      const name = `${file(d)}.gguf`
      return { written: name.replaceAll("_", "\\_"), id: `file:${name.toLowerCase()}` }
    },
    "zipped-file": (d) => {
      const name = `${file(d)}.safetensors`
      return { written: `${name}.torrent`, id: `file:${name.toLowerCase()}` }
    },
    "air-huggingface": (d) => {
      const name = `compost/moss-${d.digits(3)}`
      return { written: `urn:air:flux1:lora:huggingface:${name}@main`, id: `huggingface:repo:${name}` }
    },
    "air-format": (d) => {
      const [id, version] = [d.digits(6), d.digits(6)]
      return {
        written: `urn:air:sd1:embedding:civitai:${id}@${version}.safetensors`,
        id: `civitai:model:${id}@${version}`,
      }
    },
    "civitai-resources": (d) => {
      const version = d.digits(6)
      return {
        written: `Civitai resources: [{"type":"checkpoint","modelVersionId":${version},"modelName":"Gnome Mix"}]`,
        id: `civitai:version:${version}`,
      }
    },
    "ti-hashes": (d) => {
      const hash = d.hex(12)
      return { written: `TI hashes: "${d.name()}: ${hash}"`, id: `autov3:${hash}` }
    },
    "vae-hash": (d) => {
      const hash = d.hex(10)
      return { written: `VAE hash: ${hash}, VAE: pond`, id: `autov2:${hash}` }
    },
    "kohya-hash": (d) => {
      const hash = d.hex(64)
      return { written: `"sshs_model_hash": "${hash}"`, id: `sha256:${hash}` }
    },
    "sum-of-file": (d) => {
      const hash = d.hex(64)
      return { written: `sha256 of my lora is ${hash}`, id: `sha256:${hash}` }
    },
    "api-hashes": (d) => {
      const hash = d.hex(10)
      return { written: `"hashes":{"AutoV2":"${hash.toUpperCase()}"}`, id: `autov2:${hash}` }
    },
    "magnet-plain": (d) => {
      const hash = d.hex(40)
      return { written: `magnet:?xt=urn:btih:${hash}`, id: `bittorrent:btih:${hash}` }
    },
    "magnet-html": (d) => {
      const hash = d.hex(40)
      return {
        written: `magnet:?xt=urn:btih:${hash.toUpperCase()}&amp;dn=${file(d)}&amp;tr=udp://tracker.example.org:6969`,
        id: `bittorrent:btih:${hash}`,
      }
    },
    "info-hash": (d) => {
      const hash = d.hex(40)
      return { written: `infohash: ${hash}`, id: `bittorrent:btih:${hash}` }
    },
    "ipfs-subdomain": (d) => {
      const cid = `bafybei${d.text(base32, 52)}`
      return { written: `https://${cid}.ipfs.dweb.link/`, id: `ipfs:cid:${cid}` }
    },
    ed2k: (d) => {
      const hash = d.hex(32)
      return { written: `ed2k://|file|${file(d)}.zip|${d.digits(9)}|${hash.toUpperCase()}|/`, id: `ed2k:file:${hash}` }
    },
    "hub-download": (d) => {
      const name = repository(d)
      return {
        written: `hf_hub_download(repo_id="${name}", filename="weights.bin")`,
        id: `huggingface:repo:${name.toLowerCase()}`,
      }
    },
    "load-weights": (d) => {
      const name = repository(d)
      return { written: `pipe.load_lora_weights('${name}')`, id: `huggingface:repo:${name.toLowerCase()}` }
    },
    "ollama-command": (d) => {
      const name = `compost/${d.name()}`
      return { written: `ollama pull ${name}`, id: `ollama:model:${name}` }
    },
    "modelscope-command": (d) => {
      const name = repository(d)
      return { written: `modelscope download --model ${name}`, id: `modelscope:repo:${name.toLowerCase()}` }
    },
  },
  carriers: [
    (r) => `Here you go mate, ${r} (grab it before it is gone)`,
    (r) => `[quote="wren"]${r}[/quote] thanks, works`,
    (r) => `"${r}"`,
    (r) => `Quelle: ${r}; danke an alle.`,
    (r) => `1) ${r}\n2) restart the interface\n3) enjoy gnomes`,
    (r) => `${r}\n\nEDIT: still up`,
    (r) => `~~old link~~ new: ${r}`,
    (r) => `<a href="${r}">here</a>`,
    (r) => `こちらです：${r} どうぞ`,
    (r, d) => `post #${d.int(2, 40)} had it => ${r}`,
  ],
  nameCarriers: [
    (r) => `anyone got ${r} ?`,
    (r) => `prompt was: gnome, ${r}, moss`,
    (r) => `    ${r}\n`,
    (r) => `mine: ${r}\nyours?`,
    (r) => `ho usato ${r} per il muschio`,
  ],
  disguises: {
    "missing-h": (w) => w.replace(/^http/, "ttp"),
    "underscored-scheme": (w) => w.replace(/^http/, "h__p"),
    "round-word": (w) => w.replace(/^https?:\/\//, "").replace(tops, " (dot) "),
    "curly-word": (w) => w.replace(/^https?:\/\//, "").replace(tops, "{dot}"),
    "star-word": (w) => w.replace(/^https?:\/\//, "").replace(tops, "*dot*"),
    "german-word": (w) => w.replace(/^https?:\/\//, "").replace(tops, " [punkt] "),
    "space-before": (w) => w.replace(/^https?:\/\//, "").replace(tops, " ."),
    "space-after": (w) => w.replace(/^https?:\/\//, "").replace(tops, ". "),
    "middle-dot": (w) => w.replace(/^https?:\/\//, "").replace(tops, "·"),
    "ideographic-dot": (w) => w.replace(/^https?:\/\//, "").replace(tops, "。"),
    "zero-width-everywhere": (w) => [...w].join("\u200c"),
    marks: (w) => w.replace("/", "/\u200e").replace(tops, ".\u200f"),
    "mathematical-host": (w) =>
      w.replace(
        /^(https?:\/\/)?([^/]*)/,
        (_, s = "", host: string) =>
          s + host.replace(/[a-z]/g, (c) => String.fromCodePoint(0x1d41a + c.charCodeAt(0) - 97)),
      ),
    "decimal-entities": (w) => w.replace(/[./:]/g, (c) => `&#${c.charCodeAt(0)};`),
    "percent-path": (w) =>
      w.replace(/^(https?:\/\/[^/]*)(.*)$/, (_, host: string, rest: string) => host + rest.replaceAll("/", "%2F")),
    "percent-thrice": (w) =>
      `https://l.example.org/l.php?u=${encodeURIComponent(encodeURIComponent(encodeURIComponent(w)))}`,
    "mixed-scripts": (w) =>
      w.replace(/^(https?:\/\/[^/]*)/, (host) => host.replace("c", "с").replace("a", "а").replace("e", "е")),
    "hex-escapes": (w) => w.replace(/[./]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`),
    "base64-words": (w) => `${Buffer.from(`gnome weights: ${w} (moss)`).toString("base64")}`,
    "base64-unpadded": (w) => Buffer.from(w).toString("base64").replace(/=+$/, ""),
    "rot13-sentence": (w) =>
      w.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < "n" ? 13 : -13))),
    "reversed-whole": (w) => [...w].reverse().join(""),
    "broken-after-slash": (w) => w.replace(/^(https?:\/\/)?([^/]*\/)/, "$1$2\n"),
    "broken-quote": (w) => w.replace(/^(https?:\/\/)?([^/]*)\//, "$1$2\n> /"),
    "word-slash": (w) => w.replace(/^https?:\/\//, "").replace("/", " slash "),
  },
  negatives: {
    "cherry-pick": (d) => `git cherry-pick ${d.hex(12)} && git push origin mossy-branch`,
    "blame-line": (d) => `${d.hex(10)} (Wren 2026-04-0${d.int(1, 9)}) export const hat = "red"`,
    compose: (d) => `image: registry.example.org/pond@sha256:${d.hex(64)}`,
    "helm-digest": (d) => `imagePullPolicy: Always # digest sha256:${d.hex(64)}`,
    "arch-magnet": (d) => `magnet:?xt=urn:btih:${d.hex(40)}&dn=archlinux-2026.0${d.int(1, 9)}.01-x86_64.iso`,
    "mint-magnet": (d) => `Linux Mint 23 magnet:?xt=urn:btih:${d.hex(40)}&dn=linuxmint-23-cinnamon-64bit.iso here`,
    "fedora-torrent": (d) => `Fedora-Workstation-Live-44-1.${d.int(1, 9)}.x86_64.iso sha256 ${d.hex(64)}`,
    "shop-pt": (d) => `Encomendei em https://${d.name()}.pt/loja?ref=${d.digits(4)} e chegou bem`,
    "mail-pt": (d) => `escreva para info@${d.name()}.pt sobre as embeddings do catálogo`,
    "hub-dataset-api": (d) => `https://huggingface.co/api/datasets/compost/${d.name()}/parquet`,
    "hub-space-tree": (d) => `https://huggingface.co/spaces/compost/${d.name()}/tree/main`,
    "hub-blog": (d) => `https://huggingface.co/blog/${d.name()} explains attention`,
    "hub-organisation": () => "https://huggingface.co/compost-heap is our page",
    "hub-learn": () => "the course at https://huggingface.co/learn/nlp-course/chapter1/1 is good",
    "civitai-collection": (d) => `https://civitai.com/collections/${d.digits(6)} has nice lanterns`,
    "civitai-tags": () => "https://civitai.com/tag/landscape?view=feed",
    "civitai-changelog": (d) => `https://civitai.com/changelog?id=${d.digits(3)}`,
    "civitai-education": (d) => `https://education.civitai.com/${d.name()}-guide/`,
    "pixai-artwork": (d) => `https://pixai.art/artwork/${d.digits(19)}`,
    "liblib-image": (d) => `https://www.liblib.art/imageinfo/${d.hex(32)}`,
    "modelscope-dataset": (d) => `https://modelscope.cn/datasets/compost/${d.name()}/summary`,
    "kaggle-data": (d) => `https://www.kaggle.com/datasets/compost/${d.name()}`,
    "npm-lock": (d) =>
      `"resolved": "https://registry.example.org/${d.name()}/-/${d.name()}-1.2.3.tgz", "integrity": "sha512-${d.text(letters, 86)}=="`,
    "pip-hash": (d) => `numpy==2.1.${d.int(0, 4)} --hash=sha256:${d.hex(64)}`,
    "cargo-lock": (d) => `checksum = "${d.hex(64)}"`,
    "go-sum": (d) => `github.com/compost/${d.name()} v1.${d.int(1, 9)}.0 h1:${d.text(letters, 43)}=`,
    "load-dataset": (d) => `ds = load_dataset("compost/${d.name()}", split="train")`,
    "dataset-download": (d) => `huggingface-cli download --repo-type dataset compost/${d.name()}`,
    "state-dict": (d) => `torch.load("${d.name()}.pth")["state_dict"] fails on the ResNet classifier`,
    "tf-ckpt": (d) => `saver.restore(sess, "logs/model.ckpt-${d.digits(5)}") # tensorflow`,
    "shard-names": (d) => `model-0000${d.int(1, 4)}-of-00004.safetensors is one of the shards`,
    "router-image": (d) => `openwrt-${d.name()}-squashfs-sysupgrade.bin bricked my router`,
    "game-rom": (d) => `mount ${d.name()}.bin/.cue as a disc in the emulator`,
    transaction: (d) => `txid ${d.hex(64)} confirmed`,
    "gpg-print": (d) => `GPG fingerprint ${d.hex(40).toUpperCase()}`,
    "object-id": (d) => `db.posts.findOne({_id: ObjectId("${d.hex(24)}")})`,
    "css-colours": () => "background: #deadbe; color: #c0ffee80; border: 1px solid #facade00",
    "android-apk": (d) => `${d.name()}.apk md5 ${d.hex(32)}, sha1 ${d.hex(40)}`,
    "word-embedding": (d) => `embedding: ${d.int(128, 4096)} dimensions per token`,
    "generic-tag": () => "type <lora:name:1> or <lyco:filename:0.5>, as the manual says",
    "scp-line": (d) => `scp ./dist/${d.name()}.tar.gz deploy@10.0.0.${d.int(2, 250)}:/srv/app/`,
    "chat-dots": () => "well . com on , we said co . operate . art of noise",
    "news-short": (d) => `minutes of the meeting: https://tinyurl.com/y${d.text(small, 7)}`,
    "archive-page": (d) => `https://archive.org/details/${d.name()}-almanac-1921`,
    "sheet-page": (d) => `https://docs.google.com/spreadsheets/d/1${d.text(letters, 42)}/edit#gid=0`,
    "github-tree": (d) => `https://github.com/compost/${d.name()}/tree/${d.hex(40)}/src/models`,
    "github-wheel": (d) => `https://github.com/compost/tool/releases/download/v2/${d.name()}-2.0-py3-none-any.whl`,
    "data-url": (d) => `background: url(data:image/png;base64,iVBORw0KGgo${d.text(letters, 120)}=)`,
    "ssh-key": (d) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${d.text(letters, 43)} wren@shed`,
    "model-talk": (d) =>
      `The regression model (hash of inputs ${d.hex(8)}) reached an R2 of 0.${d.int(70, 99)} in the docker run`,
  },
}
