/**
 * Words of image-generation tools, as their own documentation uses them. A strong word hardly occurs elsewhere; a weak one ("model",
 * "prompt") counts only in company. Written in lower case; a space also stands for a hyphen, an underscore or nothing.
 */
export const strongToolWords: readonly string[] = [
  "comfyui", "ksampler", "automatic1111", "a1111", "invokeai", "fooocus", "sd webui", "kohya", "kohya ss", "onetrainer", "ai toolkit",
  "sd scripts", "diffusers", "stable diffusion", "sdxl", "sd 1.5", "sd3", "lora", "loras", "lycoris", "dreambooth", "textual inversion",
  "hypernetwork", "controlnet", "ipadapter", "ip adapter", "img2img", "txt2img", "inpainting", "inpaint", "hires fix", "adetailer",
  "clip skip", "euler a", "dpm++", "dpmpp", "karras", "ddim", "unipc", "cfg", "cfg scale", "denoise", "denoising", "denoising strength",
  "negative prompt", "safetensors", "custom nodes", "cliptextencode", "vae decode", "emptylatentimage", "checkpointloadersimple",
  "load checkpoint", "load lora", "latent upscale", "animatediff", "network dim", "network rank", "civitai",
  "лора", "лору", "лоры", "денойз", "ксемплер", "негативный промпт", "отрицательный промпт", "негативний промпт",
  "негативное", "采样器", "重绘幅度", "降噪", "反向提示词", "负面提示词", "图生图", "文生图", "底模", "サンプラー", "ネガティブプロンプト", "ノイズ除去",
  "デノイズ", "샘플러", "네거티브 프롬프트",
] // biome-ignore format: a table

export const weakToolWords: readonly string[] = [
  "checkpoint", "checkpoints", "sampler", "samplers", "scheduler", "vae", "latent", "embedding", "embeddings", "upscaler", "upscale",
  "prompt", "prompts", "workflow", "node", "nodes", "seed", "forge", "flux", "gguf", "vram", "captions", "captioning", "dataset", "epochs",
  "learning rate", "fine tune", "webui", "model", "models",
  "knoten", "prompts", "modell", "nœud", "noeud", "modèle", "nodo", "modelo", "модель", "модели", "нода", "ноду", "ноды", "узел",
  "промпт", "чекпоинт", "чекпойнт", "семплер", "сэмплер", "сид", "节点", "模型", "提示词", "工作流", "种子", "ノード", "モデル", "プロンプト", "シード",
  "ワークフロー", "노드", "모델", "프롬프트",
] // biome-ignore format: a table

/** Settings with a value; each counts once, under its name. `#` stands for a number. */
export const settingWords: Readonly<Record<string, readonly string[]>> = {
  steps: ["steps", "sampling steps", "schritte", "étapes", "etapes", "pasos", "passos", "passi", "kroki", "kroków", "stappen", "шагов", "шаги", "кроків", "步数", "采样步数", "ステップ数", "ステップ", "스텝"],
  cfg: ["cfg", "cfg scale", "guidance", "guidance scale", "提示词相关性", "cfgスケール"],
  denoise: ["denoise", "denoising", "denoising strength", "denoise strength", "entrauschung", "денойз", "重绘幅度", "降噪", "デノイズ", "ノイズ除去"],
  strength: ["strength", "weight", "lora weight", "stärke", "gewicht", "force", "poids", "fuerza", "peso", "сила", "вес", "权重", "強度", "強さ", "siła", "waga"],
  seed: ["seed", "сид", "种子", "シード", "시드"],
  "clip-skip": ["clip skip", "clipskip"],
  rank: ["rank", "network rank", "network dim", "dim"],
  alpha: ["alpha", "network alpha"],
  "learning-rate": ["lr", "learning rate", "unet lr", "lernrate"],
  batch: ["batch", "batch size"],
  epochs: ["epochs", "epoch", "epochen", "эпох", "épocas", "époques"],
  repeats: ["repeats", "wiederholungen"],
} // biome-ignore format: a table
