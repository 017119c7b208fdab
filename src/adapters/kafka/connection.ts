import { readFileSync } from "node:fs"
import { connect, isIP, type Socket } from "node:net"
import { connect as secureConnect } from "node:tls"
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from "kafkajs"
import { describeError, WatchlineError } from "../../errors.ts"
import type { Log } from "../../log.ts"

/** How a cluster is reached; the keys of the configuration's section `kafka`. */
export interface KafkaConnection {
  /** HOST:PORT, several with commas: any of the cluster's brokers, the others are found from there. */
  readonly brokers: string
  readonly tls: "off" | "on"
  /** PEM files; empty: the system's authorities, no certificate of our own. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  readonly sasl: "none" | "plain" | "scram-sha-256" | "scram-sha-512"
  readonly user: string
  readonly password: string
  /** Longest time for one request. */
  readonly timeoutSeconds: number
}

export interface KafkaClient {
  readonly kafka: Kafka
  /** Closes what is still open, at once, and opens nothing more: kafkajs forgets sockets when it is disconnected in mid-reconnect. */
  destroy(): void
}

/** A client and what it does when the cluster is away: a few quick tries, then the caller hears of it and waits with the record in hand. */
export function openKafka(connection: KafkaConnection, log: Log): KafkaClient {
  const sasl = saslOf(connection)
  const sockets = new Set<Socket>()
  let destroyed = false
  const config: KafkaConfig = {
    clientId: "watchline",
    brokers: connection.brokers.split(",").map((broker) => broker.trim()),
    ssl: connection.tls === "on" ? tlsOf(connection) : false,
    ...(sasl ? { sasl } : {}),
    socketFactory: ({ host, port, ssl, onConnect }) => {
      const name = isIP(host) ? {} : { servername: host }
      const socket = ssl
        ? secureConnect({ host, port, ...name, ...ssl }, onConnect)
        : connect({ host, port }, onConnect)
      socket.setKeepAlive(true, 60_000)
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
      socket.on("error", () => {}) // kafkajs hears of it too
      if (destroyed) socket.destroy(closed())
      return socket
    },
    connectionTimeout: Math.min(5000, connection.timeoutSeconds * 1000),
    requestTimeout: connection.timeoutSeconds * 1000,
    // A consumer that gave up is made anew by its owner; see TopicMember.
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4, restartOnFailure: async () => false },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { groupId, topic, partition, error } = entry.log
      const fields = { module: entry.namespace, group: groupId, topic, partition, error: error?.slice?.(0, 200) }
      log.debug(`kafkajs: ${entry.log.message.slice(0, 200)}`, fields)
    },
  }
  return {
    kafka: new Kafka(config),
    destroy() {
      destroyed = true
      for (const socket of sockets) socket.destroy(closed()) // only an error ends the timers of its connection
    },
  }
}

const closed = () => new Error("the client is closed")

function tlsOf({ caFile, certFile, keyFile }: KafkaConnection) {
  return {
    ...(caFile ? { ca: [pem("caFile", caFile)] } : {}),
    ...(certFile ? { cert: pem("certFile", certFile) } : {}),
    ...(keyFile ? { key: pem("keyFile", keyFile) } : {}),
  }
}

function pem(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch (cause) {
    throw new WatchlineError("config_invalid", {
      message: `kafka.${setting} cannot be read (${describeError(cause).code}).`,
      remedy: "Name a PEM file that this account may read.",
      cause,
    })
  }
}

function saslOf({ sasl, user, password }: KafkaConnection): SASLOptions | undefined {
  if (sasl === "none") return undefined
  if (!user || !password) {
    throw new WatchlineError("config_invalid", {
      message: `kafka.sasl is ${sasl}, but kafka.user or kafka.password is empty.`,
      remedy: "Set both; the password best as WATCHLINE_KAFKA_PASSWORD.",
    })
  }
  return { mechanism: sasl, username: user, password }
}

/** What kafkajs threw, as an error that says what to do. Its message names brokers, topics and codes, nothing of a record. */
export function kafkaError(error: unknown): WatchlineError {
  if (error instanceof WatchlineError) return error
  const { message } = describeError(error)
  const type = typeOf(error)
  if (type === "MESSAGE_TOO_LARGE") {
    return new WatchlineError("record_invalid", {
      message: "Kafka refused a message as too large.",
      remedy: "Raise max.message.bytes of the topic; `watchline doctor` compares topics with what they should be.",
      cause: error,
    })
  }
  return new WatchlineError("engine_unavailable", {
    message: `Kafka does not answer as it should: ${message.slice(0, 300)}`,
    remedy: /SASL|AUTHORIZATION/i.test(`${type} ${(error as Error).name}`)
      ? "Check kafka.sasl, kafka.user, kafka.password and the user's rights."
      : "Is it running and reachable? Check kafka.brokers and kafka.tls; `watchline services` starts one on this machine.",
    cause: error,
  })
}

/** Kafka's own name of an error, from the innermost cause that has one. */
export function typeOf(error: unknown): string {
  for (let at = error as { type?: string; cause?: unknown } | undefined; at; at = at.cause as typeof at) {
    if (typeof at.type === "string") return at.type
  }
  return ""
}

/**
 * The cluster answers that it is busy with itself: a coordinator loads after a start, a topic was made a moment ago and not every broker
 * knows it yet. kafkajs tries again by itself in most places, but not in all.
 */
export const isBusy = (error: unknown) =>
  error instanceof Error && error.name === "KafkaJSProtocolError" && "retriable" in error && error.retriable === true
