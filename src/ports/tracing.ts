/** Facts of a span: ids, counts, names of engines and stages. As in a log: never text, handles, addresses or bytes. */
export type SpanFacts = Readonly<Record<string, string | number>>

export interface Span {
  /** W3C Trace Context header of this span, for what follows from it; undefined where nothing is traced. */
  readonly traceparent: string | undefined
  end(facts?: SpanFacts): void
}

/**
 * Where time goes, from a page to the index. A span that names a parent continues its trace, also in another process: messages carry
 * the header `traceparent` (W3C Trace Context). Tracing never fails the work that it watches.
 */
export interface Tracing {
  start(name: string, parent?: string, facts?: SpanFacts): Span
  /** Sends what was not sent yet, for a few seconds at most. */
  close(): Promise<void>
}

const untraced: Span = { traceparent: undefined, end() {} }

export const noTracing: Tracing = { start: () => untraced, async close() {} }
