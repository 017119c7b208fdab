import pino from "pino"

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent"

/**
 * What may be logged: ids, counts, codes, durations, engine and stage names. Never text, handles, addresses or bytes; the type keeps
 * values small and flat, so that nobody passes a record by accident.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

/** JSON lines on standard error: standard output belongs to a command's answer. */
export function openLog(level: LogLevel): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
  }
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
