/** One address form of a platform that names one thing. */
export interface Route {
  /** Matched from the start of the path. The group `id` is the thing, `version` its version; both bounded, so matching is linear. */
  readonly path: RegExp
  /** First path parts that are pages of the platform itself, never somebody's name. */
  readonly not?: ReadonlySet<string>
  /** Canonical id up to the id itself, e.g. `civitai:model:`. */
  readonly as: string
  readonly kind: string
  /** Query parameter that names the version, where it has this form. */
  readonly version?: { readonly query: string; readonly form: RegExp }
  /** The platform tells upper from lower case; everywhere else ids are lower-cased. */
  readonly keepsCase?: true
}

/** A platform: add a row to add a hub. What no route matches (data sets, spaces, users, articles, images, posts) is no artefact. */
export interface Hub {
  readonly platform: string
  /** Exact host names, mirrors included, without a leading `www.` or `m.`. */
  readonly hosts: readonly string[]
  readonly routes: readonly Route[]
}

const huggingFacePages: ReadonlySet<string> = new Set(
  (
    "api datasets spaces docs blog papers models tasks learn course join login logout settings pricing collections organizations posts " +
    "chat chat-ui enterprise new new-dataset new-space search terms-of-service privacy about notifications storage inference " +
    "inference-endpoints inference-providers welcome support metrics changelog brand jobs kernels front avatars assets oauth mcp " +
    "playground languages license licenses content-guidelines code-of-conduct security hub buckets static hardware events " +
    "subscribe autotrain endpoints billing robots.txt apple-touch-icon.png"
  ).split(" "),
)
const replicatePages: ReadonlySet<string> = new Set(
  "docs blog pricing explore collections about account accounts api changelog contact deployments enterprise home predictions privacy search showcase signin terms trainings webhooks status support guides streaming".split(
    " ",
  ),
)
const ollamaPages: ReadonlySet<string> = new Set(
  "blog download search models signin signup settings docs public privacy terms install.sh api cloud connect pricing".split(
    " ",
  ),
)
const nobody: ReadonlySet<string> = new Set()

const number = /^\d{1,12}$/
const hex32 = /^[0-9a-f]{32}$/i
const repository = String.raw`[\w.-]{1,96}\/[\w.-]{1,96}`
const repositoryPart = String.raw`(?:[:@][\w.-]{1,60})?(?:\/(?:tree|blob|resolve|raw|discussions|commits?|edit)(?:\/|$)|\/?$)`
const listOfOwner = String.raw`(?![\w.-]{1,96}\/(?:activity|followers|following|likes|models|datasets|spaces|collections|papers)\/?$)`
const locale = String.raw`(?:\/[a-z]{2}(?:-[A-Za-z]{2,4})?)?`
const modelFile = String.raw`[^/]{1,150}\.(?:safetensors|ckpt|gguf|pth?|onnx)`
const byVersion = { query: "modelVersionId", form: number }

/** Sources of the address forms: reference/model-identity.md, section 4.5; looked at in public pages only. */
export const hubs: readonly Hub[] = [
  {
    platform: "civitai",
    // The sister domains share ids with the main site; the archive keeps them for models that were removed.
    hosts: ["civitai.com", "civitai.green", "civitai.red", "civarchive.com", "civitaiarchive.com"],
    routes: [
      {
        path: /^\/(?:[a-z]{2}\/)?models\/(?<id>\d{1,12})(?!\d)/,
        as: "civitai:model:",
        kind: "model",
        version: byVersion,
      },
      { path: /^\/api\/v1\/models\/(?<id>\d{1,12})(?!\d)/, as: "civitai:model:", kind: "model" },
      { path: /^\/api\/download\/models\/(?<id>\d{1,12})(?!\d)/, as: "civitai:version:", kind: "model" },
      {
        path: /^\/(?:api\/v1\/)?model-versions\/(?:mini\/)?(?<id>\d{1,12})(?!\d)/,
        as: "civitai:version:",
        kind: "model",
      },
      { path: /^\/api\/v1\/model-versions\/by-hash\/(?<id>[0-9a-f]{64})(?!\w)/i, as: "sha256:", kind: "hash" },
      { path: /^\/api\/v1\/model-versions\/by-hash\/(?<id>[0-9a-f]{12})(?!\w)/i, as: "autov3:", kind: "hash" },
      { path: /^\/api\/v1\/model-versions\/by-hash\/(?<id>[0-9a-f]{10})(?!\w)/i, as: "autov2:", kind: "hash" },
      { path: /^\/tensorart\/models\/(?<id>\d{6,20})(?!\d)/, as: "tensorart:model:", kind: "model" },
    ],
  },
  {
    platform: "huggingface",
    hosts: ["huggingface.co", "hf.co", "hf-mirror.com"],
    routes: [
      { path: new RegExp(`^/api/models/(?<id>${repository})(?:/|$)`), as: "huggingface:repo:", kind: "model" },
      {
        path: new RegExp(`^/${listOfOwner}(?<id>${repository}?)(?:\\.git)?${repositoryPart}`),
        not: huggingFacePages,
        as: "huggingface:repo:",
        kind: "model",
      },
    ],
  },
  {
    platform: "tensorart",
    hosts: ["tensor.art", "tensorhub.art"],
    routes: [{ path: new RegExp(`^${locale}/models/(?<id>\\d{6,20})(?!\\d)`), as: "tensorart:model:", kind: "model" }],
  },
  {
    platform: "seaart",
    hosts: ["seaart.ai"],
    routes: [
      {
        path: new RegExp(`^${locale}/models/detail/(?<id>[0-9a-z]{20}|[0-9a-f]{32})(?!\\w)`, "i"),
        as: "seaart:model:",
        kind: "model",
      },
    ],
  },
  {
    platform: "modelscope",
    hosts: ["modelscope.cn", "modelscope.ai"],
    routes: [
      {
        path: new RegExp(
          `^(?:/api/v1)?/models/(?<id>${repository})(?:/(?:summary|files|file|resolve|repo|feedback)|/?$)`,
        ),
        as: "modelscope:repo:",
        kind: "model",
      },
    ],
  },
  {
    platform: "liblib",
    hosts: ["liblib.art", "liblib.ai", "liblibai.com"],
    routes: [
      {
        path: /^\/modelinfo\/(?<id>[0-9a-f]{32})(?!\w)/i,
        as: "liblib:model:",
        kind: "model",
        version: { query: "versionUuid", form: hex32 },
      },
    ],
  },
  {
    platform: "shakker",
    hosts: ["shakker.ai"],
    routes: [
      {
        path: new RegExp(`^${locale}/modelinfo/(?<id>[0-9a-f]{32})(?!\\w)`, "i"),
        as: "shakker:model:",
        kind: "model",
        version: { query: "versionUuid", form: hex32 },
      },
    ],
  },
  {
    platform: "openmodeldb",
    hosts: ["openmodeldb.info"],
    routes: [{ path: /^\/models\/(?<id>[\w.-]{1,100})\/?$/, as: "openmodeldb:model:", kind: "upscaler" }],
  },
  {
    platform: "pixai",
    hosts: ["pixai.art"],
    routes: [{ path: new RegExp(`^${locale}/model/(?<id>\\d{6,20})(?!\\d)`), as: "pixai:model:", kind: "model" }],
  },
  {
    platform: "replicate",
    hosts: ["replicate.com"],
    routes: [
      {
        path: /^\/(?<id>[\w.-]{1,64}\/[\w.-]{1,64})(?:[:/](?:versions\/)?(?<version>[0-9a-f]{64}))?(?:\/(?:api|examples|readme|versions|train)?)?$/i,
        not: replicatePages,
        as: "replicate:model:",
        kind: "model",
      },
    ],
  },
  {
    platform: "ollama",
    hosts: ["ollama.com", "registry.ollama.ai"],
    routes: [
      {
        path: /^\/(?<id>[\w.-]{1,64}\/[\w.-]{1,64})(?::[\w.-]{1,60})?(?:\/(?:tags|blobs\/\w{1,80})?)?$/,
        not: ollamaPages,
        as: "ollama:model:",
        kind: "model",
      },
    ],
  },
  {
    platform: "github",
    hosts: ["github.com"],
    routes: [
      {
        path: new RegExp(`^/(?<id>${repository}/releases/download/[^/]{1,100}/${modelFile})$`, "i"),
        not: nobody,
        as: "github:release:",
        kind: "model-file",
      },
    ],
  },
]

/** Where files are handed over: a link is an artefact by itself, with the host's own id. Pictures and videos are not looked for here. */
export const fileHosts: readonly Hub[] = [
  {
    platform: "mega",
    hosts: ["mega.nz", "mega.co.nz"],
    // The part after # (or after the second !) is a key: no route captures it.
    routes: [
      { path: /^\/(?:file|embed)\/(?<id>[\w-]{8})(?![\w-])/, as: "mega:file:", kind: "file", keepsCase: true },
      { path: /^\/folder\/(?<id>[\w-]{8})(?![\w-])/, as: "mega:folder:", kind: "folder", keepsCase: true },
      { path: /^\/?#!(?<id>[\w-]{8})(?![\w-])/, as: "mega:file:", kind: "file", keepsCase: true },
      { path: /^\/?#F!(?<id>[\w-]{8})(?![\w-])/, as: "mega:folder:", kind: "folder", keepsCase: true },
    ],
  },
  {
    platform: "gofile",
    hosts: ["gofile.io"],
    routes: [{ path: /^\/d\/(?<id>[\w-]{4,40})\/?$/, as: "gofile:folder:", kind: "folder", keepsCase: true }],
  },
  {
    platform: "pixeldrain",
    hosts: ["pixeldrain.com"],
    routes: [
      { path: /^\/(?:u|d|api\/file)\/(?<id>\w{6,12})(?!\w)/, as: "pixeldrain:file:", kind: "file", keepsCase: true },
      { path: /^\/l\/(?<id>\w{6,12})(?!\w)/, as: "pixeldrain:folder:", kind: "folder", keepsCase: true },
    ],
  },
  {
    platform: "catbox",
    hosts: ["files.catbox.moe", "litter.catbox.moe", "catbox.moe"],
    routes: [
      {
        path: /^\/(?<id>\w{4,12}\.(?!(?:png|jpe?g|gif|webp|avif|mp4|webm|mov|mp3)$)\w{2,12})$/i,
        as: "catbox:file:",
        kind: "file",
        keepsCase: true,
      },
      { path: /^\/c\/(?<id>\w{4,12})\/?$/, as: "catbox:folder:", kind: "folder", keepsCase: true },
    ],
  },
  {
    platform: "workupload",
    hosts: ["workupload.com"],
    routes: [
      { path: /^\/(?:file|start)\/(?<id>\w{4,20})(?!\w)/, as: "workupload:file:", kind: "file", keepsCase: true },
      { path: /^\/archive\/(?<id>\w{4,20})(?!\w)/, as: "workupload:folder:", kind: "folder", keepsCase: true },
    ],
  },
  {
    platform: "mediafire",
    hosts: ["mediafire.com"],
    routes: [
      { path: /^\/(?:file|download)\/(?<id>[0-9a-z]{8,20})(?!\w)/, as: "mediafire:file:", kind: "file" },
      { path: /^\/folder\/(?<id>[0-9a-z]{8,20})(?!\w)/, as: "mediafire:folder:", kind: "folder" },
    ],
  },
  {
    platform: "googledrive",
    hosts: ["drive.google.com"],
    routes: [
      {
        path: /^\/file\/(?:u\/\d\/)?d\/(?<id>[\w-]{20,60})(?![\w-])/,
        as: "googledrive:file:",
        kind: "file",
        keepsCase: true,
      },
      {
        path: /^\/drive\/(?:u\/\d\/)?folders\/(?<id>[\w-]{20,60})(?![\w-])/,
        as: "googledrive:folder:",
        kind: "folder",
        keepsCase: true,
      },
    ],
  },
]
