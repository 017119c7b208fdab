import type { ForumEngine } from "./forum-engine.ts"
export const generic: ForumEngine = {
  name: "generic",
  version: 1,
  markers: () => [],
  parse: () => ({ kind: "other", title: "", posts: [], links: [] }),
}
