/**
 * Words of image tools, as their own documentation uses them; written as in `step-language.ts`. A strong word hardly occurs outside
 * generative imagery; a weak one counts only in company; an editor's word belongs to ordinary image editing.
 */
export const strongToolWords = `
  comfyui comfy ksampler automatic1111 a1111 invokeai fooocus forge swarmui sd_next sdnext webui sd_webui kohya kohya_ss kohyass onetrainer
  ai_toolkit sd_scripts diffusers diffusion stable_diffusion sdxl sd sd1 sd15 sd2 sd3 flux lora loras lycoris lokr dreambooth
  textual_inversion hypernetwork controlnet controlnets ipadapter ip_adapter img2img txt2img text_to_image image_to_image text2img inpainting
  inpaint outpainting outpaint hires_fix hires adetailer clip_skip euler_a euler euler_ancestral dpm dpmpp karras ddim unipc cfg cfg_scale
  guidance_scale denoise denoising denoising_strength negative_prompt stability_matrix stabilitymatrix diffsynth wd14 wd14tagger wd14_tagger anytext krita_ai safetensors custom_nodes custom_node cliptextencode vaedecode vae_decode
  emptylatentimage checkpointloadersimple load_checkpoint load_lora latent latents animatediff network_dim network_rank network_alpha civitai
  ultrasharp esrgan upscaler upscalers upscale_models xyz_plot midjourney wan2 qwen hunyuan unet text_encoder text_encoders sampler samplers
  checkpoint checkpoints gguf fluxguidance stablediffusionpipeline num_inference_steps guidance fine_tuning fine_tune finetuning
  лора лору лоры лорой лор денойз ксемплер семплер сэмплер чекпоинт чекпойнт негативный_промпт отрицательный_промпт негативний_промпт инпейнт
  采样器 重绘幅度 降噪 反向提示词 负面提示词 图生图 文生图 底模 局部重绘 大模型 採樣器 圖生圖 文生圖 局部重繪 重繪幅度 显存
  サンプラー ネガティブプロンプト ノイズ除去 デノイズ チェックポイント 샘플러 네거티브_프롬프트 디노이즈 체크포인트 인페인트
`

export const weakToolWords = `
  scheduler vae embedding embeddings upscale upscaling prompt prompts prompting workflow workflows node nodes seed seeds vram captions captioning
  caption dataset epochs epoch learning_rate model models batch resolution gpu render renders rendering pipeline pipelines weights
  knoten modell modelle nœud noeud modèle nodo modelo modello модель модели моделью нода ноду ноды узел промпт промпте промптом сид
  节点 模型 提示词 工作流 种子 标注 節點 提示詞 種子 ノード モデル プロンプト シード ワークフロー キャプション 노드 모델 프롬프트 시드 캡션 워크플로
`

export const editorWords = `
  gimp krita photoshop lightroom darktable rawtherapee inkscape hugin siril g'mic gmic lighttable darkroom layer layers layer_mask mask masks masking brush brushes curves
  levels opacity blending blend_mode selection feather clone_stamp healing gradient histogram exposure contrast saturation white_balance
  canvas toolbar crop sharpen sharpening tone_mapping raw_file raw tiff jpeg png pixels photo photos filter filters colour color luminance
  ebene ebenen maske pinsel calque calques masque pinceau capa capas máscara pincel camada livello livelli maschera pennello laag lagen masker penseel
  слой слои слоя маска кисть warstwa maska pędzel 图层 蒙版 画笔 滤镜 圖層 遮罩 レイヤー マスク ブラシ フィルタ 레이어 마스크 브러시 필터
`

/** Settings to which a guide gives a value; each row is one setting, named first. */
export const settingWords: Readonly<Record<string, string>> = {
  steps: "steps sampling_steps num_inference_steps schritte schritten étapes etapes pasos passos passi kroki kroków kroků stappen steg шагов шаги шагах кроків adım langkah 步数 步 采样步数 ステップ数 ステップ 스텝",
  cfg: "cfg cfg_scale guidance guidance_scale cfgスケール",
  denoise: "denoise denoising denoising_strength denoise_strength entrauschung денойз денойзом 重绘幅度 重繪幅度 降噪 デノイズ ノイズ除去 디노이즈",
  strength: "strength weight weights lora_weight stärke gewicht force poids fuerza peso сила вес весом vikt váhou siła waga 权重 權重 強度 強さ 가중치 强度",
  seed: "seed сид сиде 种子 シード 시드",
  "clip-skip": "clip_skip clipskip",
  rank: "rank network_rank network_dim dim",
  alpha: "alpha network_alpha",
  "learning-rate": "lr learning_rate unet_lr lernrate öğrenme_oranı 学习率 学習率 학습률",
  batch: "batch batch_size train_batch_size батч",
  epochs: "epochs epoch epochen epoker epoche épocas époques эпох эпохи епох epoki epok 轮 エポック 에포크",
  repeats: "repeats wiederholungen",
  size: "width height resolution padding tile_size quality radius opacity",
} // biome-ignore format: a table

export const samplerNames = "euler euler_a euler_ancestral dpmpp ddim unipc heun lms karras lcm sgm_uniform dpm"
