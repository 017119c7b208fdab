const newForm =
  /(mega\W{0,4}(?:dot\W{0,3})?(?:co\W{1,4})?nz\s?\/\s?(?:file|folder|embed)\s?\/\s?[\w-]{8})\s?#\s?[\w-]{10,60}/gi
const oldForm = /(mega\W{0,4}(?:dot\W{0,3})?(?:co\W{1,4})?nz\s?\/?\s?#F?![\w-]{8})![\w-]{10,60}/gi

/** A text without the keys of MEGA links: whoever has one has the files. The link's id stays, which is all that a notice needs. */
export function withoutKeys(text: string): string {
  if (!/mega/i.test(text)) return text
  return text.replace(newForm, "$1#").replace(oldForm, "$1")
}
