import { type Context, ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api"
import { parseTraceParent } from "@opentelemetry/core"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace"
import type { Tracing } from "../../ports/tracing.ts"

export interface OpenTelemetryOptions {
  /** Where a collector takes traces over HTTP, e.g. http://127.0.0.1:4318/v1/traces. */
  readonly endpoint: string
  /** Share of pages that are traced, 0 to 1. */
  readonly ratio: number
  /** What this process does: "crawl", "work". */
  readonly role: string
}

const closeMs = 3000

/**
 * Traces through OpenTelemetry's SDK to a collector (OTLP over HTTP, JSON). Nothing of the host, the environment or the command line
 * is told about: the resource names the service and the role only. A collector that is away costs its spans, nothing else.
 */
export function openTracing({ endpoint, ratio, role }: OpenTelemetryOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: closeMs })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "watchline", "service.namespace": role }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1000, exportTimeoutMillis: closeMs })],
  })
  const tracer = provider.getTracer("watchline")
  return {
    start(name, parent, facts) {
      const span = tracer.startSpan(name, facts ? { attributes: { ...facts } } : {}, contextOf(parent))
      const { traceId, spanId, traceFlags } = span.spanContext()
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? "01" : "00"}`,
        end(more) {
          if (more) span.setAttributes({ ...more })
          span.end()
        },
      }
    },
    async close() {
      await Promise.race([
        provider.shutdown().catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, closeMs).unref()),
      ])
    },
  }
}

/** Of a `traceparent` header; what is none starts a trace of its own. */
function contextOf(parent: string | undefined): Context {
  const known = parent ? parseTraceParent(parent) : null
  return known ? trace.setSpanContext(ROOT_CONTEXT, { ...known, isRemote: true }) : ROOT_CONTEXT
}
