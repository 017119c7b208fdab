/** A SOCKS5 reply as a sentence and what to do about it. */
interface ReplyMeaning {
  readonly says: string
  readonly remedy: string
}

const later = "Try again later; look whether the forum has moved to another address."

/** RFC 1928, section 6, as Tor uses it, and Tor's extended codes of onion services (socks-extensions; proposal 304). */
const meanings: Readonly<Record<number, ReplyMeaning>> = {
  1: {
    says: "Tor could not make a circuit to the host.",
    remedy: "Try again; where it stays so, look whether Tor is connected.",
  },
  2: { says: "Tor's settings forbid this request.", remedy: "Use the host's name, not a bare address." },
  3: { says: "Tor has no way to the network.", remedy: "Look whether this machine may reach the internet." },
  4: { says: "The host cannot be found or reached.", remedy: `Check the address. ${later}` },
  5: { says: "The host refuses the connection.", remedy: `Check the port. ${later}` },
  6: { says: "The host took too long to answer.", remedy: later },
  7: { says: "The proxy does not know this command.", remedy: "Name the SocksPort of a tor." },
  8: { says: "The proxy does not take this kind of address.", remedy: "Use the host's name." },
  240: {
    says: "The onion service has published nothing that Tor can find: it is offline or its address is wrong.",
    remedy: `Check the address letter by letter. ${later}`,
  },
  241: { says: "What the onion service has published is damaged.", remedy: later },
  242: { says: "The onion service is known, but none of its introduction points lets us in.", remedy: later },
  243: { says: "The onion service was asked and did not come to the meeting point.", remedy: later },
  244: {
    says: "The onion service wants a client key and Tor has none.",
    remedy: "Where your organisation lawfully holds one, add it to an external tor with ClientOnionAuthDir.",
  },
  245: {
    says: "The onion service does not accept Tor's client key.",
    remedy: "The key may have been revoked; replace it in ClientOnionAuthDir.",
  },
  246: {
    says: "This is no valid onion address.",
    remedy: "Check it letter by letter: 56 letters and digits, then “.onion”.",
  },
  247: { says: "The onion service's introduction points did not answer in time.", remedy: later },
}

export function replyMeaning(code: number): ReplyMeaning {
  return meanings[code] ?? { says: `The proxy refused with code ${code}.`, remedy: later }
}
