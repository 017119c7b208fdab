import { base64Set, characterSet, isIn } from "./character-runs.ts"

const marks = characterSet("/\\%")
/** Words without which a spelled-out address or file name is none. */
const words = ["slash", "SLASH", "Slash", "safetensors", "ckpt", "gguf"]
/** A token this long may be base64; one with a digit may be a hash; a number this long may be an id. */
const longToken = 16
const hashToken = 8
const idDigits = 3

/**
 * Whether a text can refer to anything at all: every reference, however disguised, has a slash, a colon or a dot inside a word, or is a long
 * token or a number, or has letters of an unusual block. Most posts of a forum have none of these, and one look at each letter says so.
 */
export function mayRefer(text: string): boolean {
  let token = 0
  let digits = 0
  let withDigit = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isIn(base64Set, code)) {
      if (code === 47) return true
      const isDigit = code >= 48 && code <= 57
      digits = isDigit ? digits + 1 : 0
      withDigit ||= isDigit
      token++
      if (token >= longToken || digits >= idDigits || (withDigit && token >= hashToken)) return true
      continue
    }
    token = 0
    digits = 0
    withDigit = false
    if (isIn(marks, code) || (code > 127 && !isOrdinary(code))) return true
    const next = text.charCodeAt(at + 1)
    if (code === 58 && next > 32) return true
    if (code === 38 && (next === 35 || isLetter(next))) return true
    if (
      code === 46 &&
      next > 32 &&
      text.charCodeAt(at - 1) > 32 &&
      !(isDigitCode(next) && isDigitCode(text.charCodeAt(at - 1)))
    ) {
      // An ellipsis, or a dot before a closing quote.
      if (isLetter(next) || isDigitCode(next) || next > 127) return true
    }
  }
  for (const word of words) if (text.includes(word)) return true
  return false
}

/** Letters and punctuation of the languages that forums are written in; none of it stands for a mark or a letter of an address. */
function isOrdinary(code: number): boolean {
  return (
    (code >= 0xa1 && code <= 0x24f && code !== 0xad && code !== 0xb7) ||
    (code >= 0x400 && code <= 0x52f) ||
    (code >= 0x2013 && code <= 0x201e) ||
    code === 0x2026 ||
    code === 0x20ac ||
    (code >= 0x3000 && code <= 0x30ff && code !== 0x3002) ||
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7a3)
  )
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

function isDigitCode(code: number): boolean {
  return code >= 48 && code <= 57
}
