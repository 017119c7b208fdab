import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import { WatchlineError } from "../errors.ts"

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]{1,20000}?-----END CERTIFICATE-----/g

/**
 * The trust list for Content Credentials, as PEM: certificates only, each one readable. An empty path is no list: then no chain is trusted.
 *
 * @throws `config_invalid` where the file cannot be read or holds no certificate
 */
export function readC2paTrust(path: string): string {
  if (path === "") return ""
  try {
    const found = readFileSync(path, "utf8").match(certificate) ?? []
    for (const pem of found) new X509Certificate(pem)
    if (found.length > 0) return `${found.join("\n")}\n`
  } catch (cause) {
    throw unusable(path, cause)
  }
  throw unusable(path)
}

function unusable(path: string, cause?: unknown): WatchlineError {
  return new WatchlineError("config_invalid", {
    message: `examine.c2paTrust: ${path} cannot be read, or one of its certificates cannot.`,
    remedy:
      "Name a PEM file of the authorities that you trust to sign Content Credentials, or leave the setting empty.",
    ...(cause === undefined ? {} : { cause }),
  })
}
