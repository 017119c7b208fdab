import { skeletonOf } from "./look-alikes.ts"

/** Host names that lead somewhere, and what disguised forms of them look like. */
export interface KnownHosts {
  readonly names: ReadonlySet<string>
  has(host: string): boolean
  /** Whether two labels stand beside each other in a known name: `drive.google`, `google.com`. */
  joins(left: string, right: string): boolean
  /** The known name that this one imitates with other letters or digits, itself excepted. */
  imitated(host: string): string | undefined
  /** Pairs of last labels, for scanners of whole texts: `google.com`. */
  readonly endings: ReadonlySet<string>
}

export function knownHosts(hosts: Iterable<string>): KnownHosts {
  const names = new Set(hosts)
  const pairs = new Set<string>()
  const skeletons = new Map<string, string>()
  for (const name of names) {
    const labels = name.split(".")
    for (const [place, label] of labels.entries()) if (place > 0) pairs.add(`${labels[place - 1]}.${label}`)
    skeletons.set(skeletonOf(name), name)
  }
  const plain = (host: string) => host.toLowerCase().replace(/^(?:www|m)\./, "")
  return {
    names,
    has: (host) => names.has(plain(host)),
    joins: (left, right) => pairs.has(`${left}.${right}`.toLowerCase()) || isOnion(left, right),
    imitated(host) {
      const name = plain(host)
      const meant = skeletons.get(skeletonOf(name))
      return meant === name ? undefined : meant
    },
    endings: new Set(Array.from(names, (name) => name.split(".").slice(-2).join("."))),
  }
}

function isOnion(left: string, right: string): boolean {
  return right.toLowerCase() === "onion" && /^(?:[a-z2-7]{16}|[a-z2-7]{56})$/i.test(left)
}
