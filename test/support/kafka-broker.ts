import { after, before } from "node:test"
import type { KafkaConnection } from "../../src/adapters/kafka/connection.ts"
import { type KafkaServer, type KafkaServerOptions, startKafka } from "../../src/services/kafka-server.ts"

/** A broker for all tests of a file; it is there when the first test runs. One that does not start fails them all. */
export function kafkaBroker(
  options: () => Pick<KafkaServerOptions, "security" | "proxyPort"> = () => ({}),
): () => KafkaServer {
  let server: KafkaServer | undefined
  before(async () => {
    server = await startKafka({ env: process.env, say: (text) => console.error(text), owned: true, ...options() })
  })
  after(() => server?.stop())
  return () => server!
}

export const localConnection = (broker: string): KafkaConnection => ({
  brokers: broker,
  tls: "off",
  caFile: "",
  certFile: "",
  keyFile: "",
  sasl: "none",
  user: "",
  password: "",
  timeoutSeconds: 10,
})
