/** A page as it came, decoded to text. */
export interface FetchedPage {
  /** The address that answered, after redirects. */
  readonly url: string
  readonly status: number
  /** Media type in lower case without parameters, e.g. "text/html". */
  readonly mediaType: string
  /** Body as text, by the charset of BOM, header or meta element (WHATWG encoding sniffing). */
  readonly html: string
  /** Body length in bytes, unpacked. */
  readonly bytes: number
}

/**
 * Brings pages and pictures of one forum through Tor. One fetcher is one identity: a cookie jar and circuits of its own that no other
 * forum shares.
 *
 * - Every hop, redirects and pictures included, is checked against the mandate before a socket is opened, and again where the socket is
 *   opened. Names are resolved by Tor only.
 * - Answers with a status of 400 or above are errors, never pages: `http_busy` for 429 and 5xx (retry), `http_refused` for the rest.
 * - `picture` and `attachment` return memory that nobody else holds; the caller hands it to the examiner, which overwrites it. What was read of a failed
 *   answer is overwritten before the error is thrown.
 *
 * Errors: `mandate_out_of_scope`, `mandate_expired`, `mandate_not_yet_valid`, `robots_disallowed`; `tor_unreachable` (wait);
 * `host_unreachable`, `fetch_timeout`, `fetch_interrupted`, `http_busy` (retry); `http_refused`, `too_many_redirects`, `body_too_large`,
 * `decompression_bomb`, `url_invalid`, `page_unexpected` (never); `interrupted`, or the signal's reason where it is one of our errors.
 */
export interface Fetcher {
  page(url: string, signal: AbortSignal): Promise<FetchedPage>
  picture(url: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
  /** Another attached file; as `picture`, but asked for as a browser does when somebody follows its link. */
  attachment(url: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}
