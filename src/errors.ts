/**
 * The closed list of what can go wrong. A code says what the caller's loop does next, so nobody ever compares message texts.
 *
 * - `retry`: the same call may succeed now or after a short back-off (a circuit broke, a peer was slow).
 * - `later`: something the work depends on is away; wait for it, count no attempt against the record.
 * - `never`: this input cannot be processed; set it aside with its reason.
 * - `stop`: the run itself must end.
 */
export type NextStep = "retry" | "later" | "never" | "stop"

/** Process exit codes that scripts outside the repository rely on. */
export const ExitCode = { done: 0, failed: 1, refused: 2, mandate: 3, unreachable: 4 } as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

interface ErrorKind {
  readonly next: NextStep
  readonly exit: ExitCode
  /** One sentence for people; details go into `message`, the way out into `remedy`. */
  readonly says: string
}

const kinds = {
  // configuration and input
  config_invalid: { next: "stop", exit: ExitCode.refused, says: "The configuration is not valid." },
  usage: { next: "stop", exit: ExitCode.refused, says: "The command was called wrongly." },
  input_invalid: { next: "never", exit: ExitCode.refused, says: "The input is not valid." },
  not_found: { next: "never", exit: ExitCode.refused, says: "No such thing is known here." },
  model_refused: { next: "stop", exit: ExitCode.refused, says: "The model of pixels is not run." },
  workspace_missing: { next: "stop", exit: ExitCode.refused, says: "There is no workspace here." },
  // mandate
  mandate_invalid: { next: "stop", exit: ExitCode.mandate, says: "The mandate's signature does not match its text." },
  mandate_unknown: { next: "stop", exit: ExitCode.mandate, says: "No such mandate is registered." },
  mandate_not_yet_valid: { next: "stop", exit: ExitCode.mandate, says: "The mandate is not valid yet." },
  mandate_expired: { next: "stop", exit: ExitCode.mandate, says: "The mandate has expired." },
  mandate_out_of_scope: { next: "never", exit: ExitCode.mandate, says: "The mandate does not cover this." },
  robots_disallowed: {
    next: "never",
    exit: ExitCode.mandate,
    says: "The host's robots.txt excludes this page and the mandate honours it.",
  },
  // Tor and the hosts behind it
  tor_unreachable: { next: "later", exit: ExitCode.unreachable, says: "Tor's SOCKS port does not answer." },
  tor_not_ready: {
    next: "later",
    exit: ExitCode.unreachable,
    says: "Tor is running but not connected to its network.",
  },
  host_unreachable: { next: "retry", exit: ExitCode.unreachable, says: "The host cannot be reached through Tor." },
  fetch_timeout: { next: "retry", exit: ExitCode.failed, says: "The host took too long to answer." },
  fetch_interrupted: { next: "retry", exit: ExitCode.failed, says: "The connection ended before the answer did." },
  http_busy: { next: "retry", exit: ExitCode.failed, says: "The host asks to come back later." },
  http_refused: { next: "never", exit: ExitCode.failed, says: "The host does not serve this page." },
  too_many_redirects: { next: "never", exit: ExitCode.failed, says: "The host redirects in circles." },
  body_too_large: { next: "never", exit: ExitCode.failed, says: "The answer is larger than the limit." },
  decompression_bomb: { next: "never", exit: ExitCode.failed, says: "The answer unpacks to far more than it weighs." },
  url_invalid: { next: "never", exit: ExitCode.failed, says: "The address cannot be used." },
  // pages and images
  page_unexpected: { next: "retry", exit: ExitCode.failed, says: "The page is not what its link promised." },
  image_undecodable: { next: "never", exit: ExitCode.failed, says: "The image cannot be decoded." },
  image_too_large: { next: "never", exit: ExitCode.failed, says: "The image has more pixels than the limit." },
  image_truncated: { next: "never", exit: ExitCode.failed, says: "The image ends before its data does." },
  image_not_image: { next: "never", exit: ExitCode.failed, says: "The bytes are no known image format." },
  examiner_timeout: { next: "never", exit: ExitCode.failed, says: "Examining the image took too long." },
  examiner_crashed: { next: "never", exit: ExitCode.failed, says: "The examiner's worker died on this image." },
  // engines
  engine_unavailable: { next: "later", exit: ExitCode.unreachable, says: "A storage engine does not answer." },
  disk_full: { next: "later", exit: ExitCode.failed, says: "The disk is full." },
  store_damaged: { next: "stop", exit: ExitCode.failed, says: "A store file is damaged or from another version." },
  stage_failed: {
    next: "retry",
    exit: ExitCode.failed,
    says: "A stage failed on a record in a way that nobody foresaw.",
  },
  record_invalid: { next: "never", exit: ExitCode.failed, says: "A record does not match its schema." },
  record_outside_mandate: {
    next: "never",
    exit: ExitCode.mandate,
    says: "A record is not covered by the mandate it names.",
  },
  // sealed text, audit, decisions, lists
  text_key_destroyed: {
    next: "never",
    exit: ExitCode.failed,
    says: "The key of this text was destroyed; it cannot be read any more.",
  },
  sealed_text_invalid: {
    next: "never",
    exit: ExitCode.failed,
    says: "A sealed text was altered or sealed with another key.",
  },
  reason_required: { next: "never", exit: ExitCode.refused, says: "Opening sealed text needs a reason." },
  audit_broken: { next: "stop", exit: ExitCode.failed, says: "The audit log's chain is broken." },
  second_person_required: {
    next: "never",
    exit: ExitCode.refused,
    says: "A second person has to approve; nobody approves their own decision.",
  },
  list_invalid: { next: "never", exit: ExitCode.failed, says: "The list or its signature is not valid." },
  // the program itself
  setup_incomplete: { next: "stop", exit: ExitCode.failed, says: "Something that the run needs is not installed." },
  demo_differs: { next: "stop", exit: ExitCode.failed, says: "The demo did not find what its forum holds." },
  interrupted: { next: "stop", exit: ExitCode.failed, says: "Stopped on request." },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof kinds

export interface ErrorDetails {
  /** What exactly happened; safe for logs: never text of a post, never image bytes. */
  readonly message?: string
  /** What a person can do about it, as a sentence. */
  readonly remedy?: string
  readonly cause?: unknown
}

/** Every failure that Watchline raises on purpose. */
export class WatchlineError extends Error {
  override readonly name = "WatchlineError"
  readonly code: ErrorCode
  readonly remedy: string | undefined

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? kinds[code].says, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.remedy = details.remedy
  }

  get next(): NextStep {
    return kinds[this.code].next
  }

  get exit(): ExitCode {
    return kinds[this.code].exit
  }
}

/** The code and message of any thrown value; what is not ours is reported as it came. */
export function describeError(error: unknown): { code: string; message: string; remedy?: string } {
  if (error instanceof WatchlineError) {
    return { code: error.code, message: error.message, ...(error.remedy ? { remedy: error.remedy } : {}) }
  }
  if (error instanceof Error) {
    const code = "code" in error && typeof error.code === "string" ? error.code : error.name
    return { code, message: error.message }
  }
  return { code: "unknown", message: String(error) }
}

/**
 * What may be said of an error that nobody foresaw, in a log or a dead letter: its name, its code and where it was thrown. Never its
 * message, which may quote what it stumbled over: JSON.parse, for one, repeats the text that it was given.
 */
export function unforeseen(error: unknown): string {
  if (!(error instanceof Error)) return `A thrown ${typeof error}`
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : ""
  const place = /^\s+at .*?([\w.-]+\.[cm]?[jt]s:\d+)/m.exec(error.stack ?? "")?.[1]
  return `${error.name}${code}${place ? ` in ${place}` : ""}`.slice(0, 200)
}
