/** What a character is to the scanner. */
export const is = {
  other: 0,
  letter: 1,
  digit: 2,
  joined: 3,
  space: 4,
  sentenceEnd: 5,
  clauseEnd: 6,
  apostrophe: 7,
} as const
let tabled: Uint8Array | undefined

/** By UTF-16 unit; made when the first text is read. */
export function charKinds(): Uint8Array {
  tabled ??= tableOfKinds()
  return tabled
}

function tableOfKinds(): Uint8Array {
  const table = new Uint8Array(65_536)
  const letter = /[\p{L}\p{M}]/u
  for (let code = 0; code < 65_536; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const char = String.fromCharCode(code)
    if (letter.test(char)) table[code] = is.letter
    else if (/\s/u.test(char)) table[code] = is.space
  }
  for (let code = 48; code < 58; code++) table[code] = is.digit
  for (const [from, to] of [[0x3040, 0x30ff], [0x3400, 0x9fff], [0xac00, 0xd7af]] as const) table.fill(is.joined, from, to + 1) // biome-ignore format: a table
  for (const char of ".!?。！？…؟") table[char.charCodeAt(0)] = is.sentenceEnd
  for (const char of ",;:，、；：،→>()（）|") table[char.charCodeAt(0)] = is.clauseEnd
  for (const char of "'\u2019") table[char.charCodeAt(0)] = is.apostrophe
  return table
}
