import { Client, type ClientOptions, type estypes } from "@elastic/elasticsearch"
import { WatchlineError } from "../../errors.ts"
import { certificateProblem, elasticError, isConflict, isMissing, isUnconnected, untrusted } from "./elastic-errors.ts"
import type { IndexKind } from "./indices.ts"

export interface ElasticAddress {
  /** http(s)://HOST:PORT of each node. */
  readonly nodes: readonly string[]
  readonly apiKey?: string | undefined
  /** Instead of a key: an account's name and password. */
  readonly user?: string | undefined
  readonly password?: string
  /** PEM of the authority that signed the nodes' certificates, where the system does not know it. */
  readonly ca?: string | undefined
  /** First part of every index's name; "watchline". Workspaces with different ones share a cluster and see nothing of each other. */
  readonly prefix?: string
  /** How long one request may take, in milliseconds; 30 s. */
  readonly requestTimeoutMs?: number
}

export type Hit<Document> = estypes.SearchHit<Document>
export type Query = NonNullable<estypes.SearchRequest["query"]>

/** Where a document stood when it was read: a write that names it fails if somebody wrote in between. */
export interface Position {
  readonly seqNo: number
  readonly term: number
}

export interface Found<Document> extends Position {
  readonly document: Document
}

/** A repetition would find the first one's document and take it for another's. */
export const once = { maxRetries: 0 }

/** The client with our names for indices and our errors. */
export class ElasticConnection {
  readonly client: Client
  readonly prefix: string
  readonly #address: ElasticAddress
  readonly #prepare: (connection: ElasticConnection) => Promise<void>
  #prepared: Promise<void> | undefined

  /** @param prepare called before the first request, and again where it failed */
  constructor(address: ElasticAddress, prepare: (connection: ElasticConnection) => Promise<void>) {
    const { nodes, apiKey, user, password = "", ca, prefix = "watchline", requestTimeoutMs = 30_000 } = address
    this.#address = address
    this.#prepare = prepare
    const options: ClientOptions = {
      nodes: [...nodes],
      requestTimeout: requestTimeoutMs,
      // A refused connection tries the next node. All else is repeated by those who know whether a repetition is harmless.
      maxRetries: nodes.length - 1,
      compression: false,
      redaction: { type: "remove" }, // no authorization header in an error that somebody logs
      ...(apiKey === undefined ? {} : { auth: { apiKey } }),
      ...(user === undefined ? {} : { auth: { username: user, password } }),
      ...(ca === undefined ? {} : { tls: { ca } }),
    }
    try {
      this.client = new Client(options)
    } catch (cause) {
      throw new WatchlineError("config_invalid", {
        message: "elastic.nodes names no address of an Elasticsearch node.",
        remedy: 'Give addresses such as "http://127.0.0.1:9200".',
        cause,
      })
    }
    this.prefix = prefix
  }

  /** The alias through which a kind is read. */
  read(kind: IndexKind): string {
    return `${this.prefix}-${kind}`
  }

  /** The alias through which a kind is written; monthly kinds are written by their index's own name. */
  write(kind: IndexKind): string {
    return `${this.prefix}-${kind}-write`
  }

  /** Runs a request when the indices are there; a failure comes out as an error of ours where it is one. */
  async ask<Answer>(request: (client: Client) => Promise<Answer>): Promise<Answer> {
    await this.prepared()
    return this.askAnyway(request)
  }

  async prepared(): Promise<void> {
    this.#prepared ??= this.#prepare(this)
    try {
      await this.#prepared
    } catch (error) {
      this.#prepared = undefined
      throw error
    }
  }

  /** As `ask`, whether the indices are there or not. */
  async askAnyway<Answer>(request: (client: Client) => Promise<Answer>): Promise<Answer> {
    try {
      return await request(this.client)
    } catch (error) {
      const untrustedFor = isUnconnected(error) ? await this.#certificateProblem() : undefined
      throw untrustedFor === undefined ? elasticError(error) : untrusted(untrustedFor, error)
    }
  }

  /** Makes what was written before visible to searches. Readers ask for it, so that writers need not. */
  async refresh(...kinds: readonly IndexKind[]): Promise<void> {
    const index = kinds.map((kind) => this.read(kind))
    await this.ask((client) => client.indices.refresh({ index }))
  }

  /** The newest state of a document, visible to searches or not. */
  async get<Document>(kind: IndexKind, id: string, routing?: string): Promise<Found<Document> | undefined> {
    try {
      const { _source, _seq_no, _primary_term } = await this.ask((client) =>
        client.get<Document>({ index: this.write(kind), id, ...(routing === undefined ? {} : { routing }) }),
      )
      return { document: _source!, seqNo: _seq_no!, term: _primary_term! }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** As `get`, for many; in the order asked for. */
  getAll<Document>(
    kind: IndexKind,
    ids: readonly string[],
    options: { readonly routing?: string; readonly source?: readonly string[] | false } = {},
  ): Promise<(Found<Document> | undefined)[]> {
    return this.getEach(
      ids.map((id) => ({ kind, id })),
      options,
    )
  }

  /** As `getAll`, of several kinds in one request. */
  async getEach<Document>(
    wanted: readonly { readonly kind: IndexKind; readonly id: string }[],
    { routing, source }: { readonly routing?: string; readonly source?: readonly string[] | false } = {},
  ): Promise<(Found<Document> | undefined)[]> {
    if (wanted.length === 0) return []
    const { docs } = await this.ask((client) =>
      client.mget<Document>({
        docs: wanted.map(({ kind, id }) => ({
          _index: this.write(kind),
          _id: id,
          ...(routing === undefined ? {} : { routing }),
        })),
        ...(source === undefined ? {} : { _source: source === false ? false : [...source] }),
      }),
    )
    return docs.map((doc) => {
      if ("error" in doc)
        throw new WatchlineError("engine_unavailable", {
          message: `Elasticsearch cannot read a document (${doc.error.type}).`,
        })
      return doc.found ? { document: doc._source!, seqNo: doc._seq_no!, term: doc._primary_term! } : undefined
    })
  }

  /**
   * Writes a document if it still stands where it was read, or if it is still not there.
   *
   * @returns where it stands now; undefined where somebody else wrote in between
   */
  async replace(
    kind: IndexKind,
    id: string,
    document: object,
    { at, routing }: { readonly at: Position | undefined; readonly routing?: string },
  ): Promise<Position | undefined> {
    try {
      const { _seq_no, _primary_term } = await this.ask((client) =>
        client.index(
          {
            index: this.write(kind),
            id,
            document,
            require_alias: true,
            ...(routing === undefined ? {} : { routing }),
            ...(at === undefined ? { op_type: "create" } : { if_seq_no: at.seqNo, if_primary_term: at.term }),
          },
          once,
        ),
      )
      return { seqNo: _seq_no!, term: _primary_term! }
    } catch (error) {
      if (isConflict(error)) return undefined
      throw error
    }
  }

  async #certificateProblem(): Promise<string | undefined> {
    const { nodes, ca } = this.#address
    const problems = await Promise.all(nodes.map((node) => certificateProblem(node, ca)))
    return problems.find((problem) => problem !== undefined)
  }

  async close(): Promise<void> {
    await this.client.close()
  }
}
