/** What a search for words would find: how many of these a text has, for its length. */
const keywords =
  /\b(?:tutorial|guide|how to|step|install|download|workflow|settings|prompt|lora|checkpoint|comfyui|stable diffusion|sampler|cfg|denoise|model|train)\w*|教程|步骤|设置|安装|模型|手順|設定|모델|설치|설정|anleitung|schritt|tutoriel|étape|guía|paso|инструкция|шаг|модель|настройк/giu

export function keywordScore(text: string): number {
  const kinds = new Set(text.toLowerCase().match(keywords) ?? []).size
  return 1 - Math.exp(-kinds / 6)
}

const size = 1 << 16

/** Words and pairs of words of a text, hashed; of scripts without spaces, pairs of characters. */
function bag(text: string): Map<number, number> {
  const words =
    text
      .toLowerCase()
      .slice(0, 8_000)
      .match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\p{L}\p{M}'-]+|\d+/gu) ?? []
  const found = new Map<number, number>()
  for (const [place, word] of words.entries()) {
    for (const term of place > 0 ? [word, `${words[place - 1]} ${word}`] : [word]) {
      let hash = 0x811c9dc5
      for (let i = 0; i < term.length; i++) hash = Math.imul(hash ^ term.charCodeAt(i), 0x01000193)
      const key = (hash >>> 0) % size
      found.set(key, 1)
    }
  }
  const length = Math.sqrt(found.size)
  for (const key of found.keys()) found.set(key, 1 / length)
  return found
}

/** Logistic regression on bags of words, by gradient descent. */
export function fitBag(
  texts: readonly string[],
  positive: readonly boolean[],
  importance: readonly number[],
): (text: string) => number {
  const bags = texts.map(bag)
  const weights = new Float64Array(size)
  let base = 0
  for (let round = 0; round < 30; round++) {
    const rate = 4 / (1 + round / 5)
    for (const [place, words] of bags.entries()) {
      let z = base
      for (const [key, value] of words) z += weights[key]! * value
      const step = rate * importance[place]! * ((positive[place] ? 1 : 0) - 1 / (1 + Math.exp(-z)))
      base += 0.05 * step
      for (const [key, value] of words) weights[key]! += step * value - 1e-5 * weights[key]!
    }
  }
  return (text) => {
    let z = base
    for (const [key, value] of bag(text)) z += weights[key]! * value
    return 1 / (1 + Math.exp(-z))
  }
}
