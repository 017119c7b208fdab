import { developed } from "./developed-templates.ts"
import { firstHeldOut } from "./first-held-out-templates.ts"
import { heldOut } from "./held-out-templates.ts"
import { snippetsOf } from "./snippet.ts"

/** What the reader was developed against. */
export const developedSnippets = () => [
  ...snippetsOf(developed, 1, { plain: 14, disguised: 24, negative: 14 }),
  ...snippetsOf(firstHeldOut, 77, { plain: 10, disguised: 30, negative: 14 }),
]

/** Other templates, other seeds: the part that figures are reported of. */
export const heldOutSnippets = () => snippetsOf(heldOut, 4242, { plain: 10, disguised: 30, negative: 14 })
