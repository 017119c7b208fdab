import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { WatchlineError } from "../../src/errors.ts"

/**
 * SAFECOOKIE authentication (control-spec, 3.24): both sides prove that they know the cookie. So a stranger who took over the port of a
 * tor that died cannot pose as it and offer a SOCKS port of his own.
 *
 * Errors: `tor_unreachable` where the other side does not know the cookie.
 */
export async function authenticate(send: (command: string) => Promise<string[]>, cookie: Uint8Array): Promise<void> {
  const ours = randomBytes(32)
  const [reply = ""] = await send(`AUTHCHALLENGE SAFECOOKIE ${ours.toString("hex")}`)
  const [, proof = "", theirs = ""] =
    /^AUTHCHALLENGE SERVERHASH=([0-9A-F]{64}) SERVERNONCE=([0-9A-F]{64})$/i.exec(reply) ?? []
  const prove = (side: string) =>
    createHmac("sha256", `Tor safe cookie authentication ${side} hash`)
      .update(Buffer.concat([cookie, ours, Buffer.from(theirs, "hex")]))
      .digest()
  const expected = prove("server-to-controller")
  const given = Buffer.from(proof, "hex")
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new WatchlineError("tor_unreachable", {
      message: "What listens on Tor's control port is not our tor.",
      remedy: "See which program took the port; start Tor again.",
    })
  }
  await send(`AUTHENTICATE ${prove("controller-to-server").toString("hex")}`)
}
