const generators =
  "loras?|lycoris|locon|dora|textual[ -]inversions?|embeddings?|hypernetworks?|upscalers?|upscale[ _]models?|esrgan|comfyui|webui|automatic1111|a1111|forge|fooocus|invoke ?ai|stable[ -]diffusion|sdxl|sd ?1\\.5|sd ?3|pony ?(?:xl|v6|diffusion)|illustrious|noobai|controlnet|vae|dreambooth|ksampler|flux|negative prompt|ip-?adapter|adetailer|civitai|autov[123]"
const foreign = "модел|чекпоинт|эмбеддинг|лора|模型|モデル"
/** Words near a file that make it a generative model's. */
export const generatorWords = new RegExp(`\\b(?:${generators})\\b|${foreign}`, "iu")
/** Words near a number that make it a model's; every machine learner says "checkpoint", but not beside a hash. */
export const modelWords = new RegExp(`\\b(?:${generators}|checkpoints?|safetensors|ckpt)\\b|${foreign}`, "iu")
/** Words that say it is something else. */
export const otherWords =
  /\b(?:firmware|bios|uefi|router|esp32|esp8266|arduino|bootloader|flash(?:ing|ed)?|\.cue|iso|rom|tensorflow|keras|lightning|slurm|bert|resnet\d*|imagenet|classifier|yolo\w*|load_from_checkpoint|(?:load_)?state_dict|torch\.(?:load|save)|saver|optimizer|data ?loader|wandb|cifar\w*|trainer_state|lammps|namd|gromacs|site-packages|domains?|website|webshop|homepage)\b/iu
/** Words around digests that belong to software: its packages, images of systems, commits. */
export const softwareWords =
  /\b(?:docker|podman|containerd?|kubernetes|k8s|helm|image digest|digest|manifest|registry|git|commits?|merge[d]? in|revision|rev|iso|ubuntu|debian|fedora|arch|alpine|apk|deb|rpm|tarball|tar\.gz|npm|yarn|pnpm|pip|wheel|whl|pypi|lockfile|package-lock|integrity|homebrew|brew|nix|flake|cargo|crate|gem|maven|jar|installer|exe|msi|dmg|release asset|kernel|firmware|bitcoin|btc|txid|transaction|wallet|block(?:chain)?|password|token|salt|hmac|signature|certificate|fingerprint|gpg|pgp|ssh|tls|etag|cache key|session|cookie|uuid)\b/iu

/** What stands around a place, without the place itself. */
export function around(text: string, start: number, end: number, radius: number): string {
  return `${text.slice(Math.max(0, start - radius), start)}\n${text.slice(end, end + radius)}`
}
