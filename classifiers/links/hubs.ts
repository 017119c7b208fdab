import { type Hub, pathOf } from "./route.ts"

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

const number = /^\d{1,12}$/
const hex32 = /^[0-9a-f]{32}$/i
const action = "tree|blob|resolve|raw|blame|discussions|commits?|edit|settings|upload|delete"
const repository = String.raw`[\w.-]{1,96}\/(?!(?:${action})(?:\/|$))[\w.-]{1,96}`
const repositoryPart = String.raw`(?:[:@][\w.-]{1,60})?(?:\/(?:${action})(?:\/|$)|\/?$)`
const listOfOwner = String.raw`(?![\w.-]{1,96}\/(?:activity|followers|following|likes|models|datasets|spaces|collections|papers)\/?$)`
const modelFile = String.raw`[^/]{1,150}\.(?:safetensors|ckpt|gguf|pth?|onnx)`
const byVersion = { query: "modelVersionId", form: number }
const byUuid = { query: "versionUuid", form: hex32 }

/**
 * Model hubs with their mirrors and archives. Sources of the address forms: reference/model-identity.md, section 4.5; looked at in public
 * pages only. The sister domains and mirrors of Civitai share its ids; archives keep them for models that were removed.
 */
export const hubs: readonly Hub[] = [
  {
    platform: "civitai",
    hosts: "civitai.com civitai.green civitai.red civitai.work civarchive.com civitaiarchive.com".split(" "),
    routes: [
      { path: pathOf("{locale}/models/{num}"), as: "civitai:model:", kind: "model", version: byVersion },
      { path: pathOf("/api/(?:v1/)?models/{num}"), as: "civitai:model:", kind: "model" },
      { path: pathOf("/api/(?:v1/)?download/models/{num}"), as: "civitai:version:", kind: "model" },
      { path: pathOf("/(?:api/(?:v1/)?)?model-versions/(?:mini/)?{num}"), as: "civitai:version:", kind: "model" },
      { path: /^\/api\/v1\/models$/, idIn: { query: "ids", form: number }, as: "civitai:model:", kind: "model" },
      ...(
        [
          ["sha256:", 64],
          ["autov3:", 12],
          ["autov2:", 10],
          ["autov1:", 8],
        ] as const
      ).map(([as, digits]) => ({
        path: new RegExp(
          `^/(?:api/(?:v1/)?model-versions/by-hash|sha256|api/sha256)/(?<id>[0-9a-f]{${digits}})(?!\\w)`,
          "i",
        ),
        as,
        kind: "hash",
      })),
      { path: pathOf("/(?:api/)?tensorart/models/{num}"), as: "tensorart:model:", kind: "model" },
      { path: pathOf("/(?:api/)?seaart/models/{id}"), as: "seaart:model:", kind: "model" },
      { path: pathOf("/(?:api/)?liblib/models/{hex}"), as: "liblib:model:", kind: "model" },
    ],
  },
  {
    platform: "huggingface",
    hosts: "huggingface.co hf.co hf-mirror.com huggingface.com hf-mirror.net aifasthub.com".split(" "),
    routes: [
      { path: new RegExp(`^/api/models/(?<id>${repository})(?:/|$)`), as: "huggingface:repo:", kind: "model" },
      {
        path: new RegExp(`^/${listOfOwner}(?<id>${repository}?)(?:\\.git)?${repositoryPart}`),
        not: huggingFacePages,
        as: "huggingface:repo:",
        kind: "model",
      },
      // The first models of the hub have no owner.
      {
        path: /^\/(?<id>[\w.-]{2,96})\/(?:tree|blob|resolve|raw)\/[^/]/,
        not: huggingFacePages,
        as: "huggingface:repo:",
        kind: "model",
      },
    ],
  },
  {
    platform: "huggingface",
    hosts: ["api-inference.huggingface.co", "router.huggingface.co"],
    routes: [
      {
        path: new RegExp(`^/(?:hf-inference/)?models/(?<id>${repository})(?:/|$)`),
        as: "huggingface:repo:",
        kind: "model",
      },
    ],
  },
  {
    platform: "huggingface",
    // Where the hub's downloads are redirected to: the second digest is the file's own.
    hosts:
      "cdn-lfs.huggingface.co cdn-lfs.hf.co cdn-lfs-us-1.huggingface.co cdn-lfs-us-1.hf.co cdn-lfs-eu-1.hf.co".split(
        " ",
      ),
    routes: [
      {
        path: /^\/(?:repos\/[^/]{1,64}\/[^/]{1,64}\/|[\w.-]{1,96}\/[\w.-]{1,96}\/)(?:[0-9a-f]{64}\/)?(?<id>[0-9a-f]{64})(?!\w)/i,
        as: "sha256:",
        kind: "hash",
      },
    ],
  },
  {
    platform: "tensorart",
    hosts: "tensor.art tensorhub.art tensorart.green api.tensor.art".split(" "),
    routes: [{ path: pathOf("{locale}/(?:v1/|api/v1/)?models?/{num}"), as: "tensorart:model:", kind: "model" }],
  },
  {
    platform: "tusiart",
    hosts: "tusiart.com tusiart.cn tusi.cn tusi.art".split(" "),
    routes: [{ path: pathOf("{locale}/models/{num}"), as: "tusiart:model:", kind: "model" }],
  },
  {
    platform: "seaart",
    hosts: "seaart.ai seaart.com haiyiai.com haiyi.art".split(" "),
    routes: [
      {
        path: /^(?:\/[a-z]{2,5}(?:-[A-Za-z]{2,4})?)?\/models?\/(?:detail\/)?(?<id>[0-9a-z]{20}|[0-9a-f]{32})(?!\w)/i,
        as: "seaart:model:",
        kind: "model",
      },
      { path: pathOf("{locale}/modelDetail/{id}"), as: "seaart:model:", kind: "model" },
    ],
  },
  {
    platform: "modelscope",
    hosts: ["modelscope.cn", "modelscope.ai"],
    routes: [
      {
        path: new RegExp(
          `^(?:/api/v1)?/models/(?<id>${repository})(?:/(?:summary|files|file|resolve|repo|feedback|revisions|tree|master)|/?$)`,
        ),
        as: "modelscope:repo:",
        kind: "model",
      },
      {
        path: new RegExp(`^/(?<id>${repository}?)\\.git$`),
        not: new Set(["datasets", "studios"]),
        as: "modelscope:repo:",
        kind: "model",
      },
    ],
  },
  {
    platform: "liblib",
    hosts: "liblib.art liblib.ai liblibai.com liblib.cn liblib.com".split(" "),
    routes: [{ path: pathOf("{locale}/modelinfo/{hex}"), as: "liblib:model:", kind: "model", version: byUuid }],
  },
  {
    platform: "shakker",
    hosts: ["shakker.ai"],
    routes: [{ path: pathOf("{locale}/modelinfo/{hex}"), as: "shakker:model:", kind: "model", version: byUuid }],
  },
  {
    platform: "openmodeldb",
    hosts: ["openmodeldb.info"],
    routes: [{ path: /^\/models\/(?<id>[\w.-]{1,100})\/?$/, as: "openmodeldb:model:", kind: "upscaler" }],
  },
  {
    platform: "pixai",
    hosts: ["pixai.art"],
    routes: [{ path: pathOf("{locale}/model/{num}"), as: "pixai:model:", kind: "model" }],
  },
  {
    platform: "yodayo",
    hosts: ["yodayo.com", "moescape.ai"],
    routes: [{ path: pathOf("{locale}/models/{uuid}"), as: "yodayo:model:", kind: "model" }],
  },
  {
    platform: "arcenciel",
    hosts: ["arcenciel.io"],
    routes: [{ path: pathOf("/(?:api/)?models/{num}"), as: "arcenciel:model:", kind: "model" }],
  },
  {
    platform: "diffusionarc",
    hosts: ["diffusionarc.com"],
    routes: [{ path: pathOf("/(?:models?|loras?|checkpoints?)/{slug}"), as: "diffusionarc:model:", kind: "model" }],
  },
  {
    platform: "civitasbay",
    hosts: ["civitasbay.org", "stablebay.org"],
    routes: [{ path: pathOf("/(?:models?|torrents?|details?)/{slug}"), as: "civitasbay:model:", kind: "model" }],
  },
  {
    platform: "aitracker",
    hosts: ["aitracker.art"],
    routes: [
      { path: /^\/viewtopic\.php$/, idIn: { query: "t", form: number }, as: "aitracker:torrent:", kind: "model" },
      {
        path: /^\/(?:details|download|dl)\.php$/,
        idIn: { query: "id", form: number },
        as: "aitracker:torrent:",
        kind: "model",
      },
    ],
  },
  {
    platform: "weights",
    hosts: ["weights.com", "weights.gg"],
    routes: [
      { path: /^\/(?:\w{2}\/)?(?:models|loras)\/(?<id>c[0-9a-z]{20,30})(?!\w)/, as: "weights:model:", kind: "model" },
    ],
  },
  {
    platform: "voicemodels",
    hosts: ["voice-models.com"],
    routes: [{ path: pathOf("/model/{id}"), as: "voicemodels:model:", kind: "model", keepsCase: true }],
  },
  {
    platform: "wisemodel",
    hosts: ["wisemodel.cn"],
    routes: [{ path: new RegExp(`^/models/(?<id>${repository})(?:/|$)`), as: "wisemodel:repo:", kind: "model" }],
  },
  {
    platform: "openxlab",
    hosts: ["openxlab.org.cn"],
    routes: [{ path: new RegExp(`^/models/detail/(?<id>${repository})(?:/|$)`), as: "openxlab:repo:", kind: "model" }],
  },
  {
    platform: "kaggle",
    hosts: ["kaggle.com"],
    routes: [{ path: new RegExp(`^/models/(?<id>${repository})(?:/|$)`), as: "kaggle:model:", kind: "model" }],
  },
  {
    platform: "gitee",
    hosts: ["ai.gitee.com", "gitee.com"],
    routes: [{ path: /^\/(?<id>hf-models\/[\w.-]{1,96})(?:\/|$)/, as: "gitee:repo:", kind: "model" }],
  },
  {
    platform: "ngc",
    hosts: ["catalog.ngc.nvidia.com"],
    routes: [
      {
        path: /^\/orgs\/(?<id>[\w-]{1,60}(?:\/teams\/[\w-]{1,60})?\/models\/[\w.-]{1,100})(?!\w)/,
        as: "ngc:model:",
        kind: "model",
      },
    ],
  },
  {
    platform: "replicate",
    hosts: ["replicate.com", "replicate.ai"],
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
        as: "github:release:",
        kind: "model-file",
      },
    ],
  },
]
