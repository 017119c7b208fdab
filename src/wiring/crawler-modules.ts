/** Loaded when a command first fetches or parses: most commands do neither, and would take twice as long to start. */
export const crawling = () => import("../../crawlers/crawl.ts")
export const fetching = () => import("../../crawlers/fetch/http-fetcher.ts")
export const engines = () => import("../../crawlers/forums/registry.ts")
