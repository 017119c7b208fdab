import assert from "node:assert/strict"
import { test } from "node:test"
import { canonicalAddress, canonicalExpression, expressionHash, expressions } from "../../src/delist/canonical-form.ts"

/** Safe Browsing's published vectors ("URLs and hashing", canonicalization). */
const published: readonly (readonly [string | Uint8Array, string])[] = [
  ["http://host/%25%32%35", "http://host/%25"],
  ["http://host/%25%32%35%25%32%35", "http://host/%25%25"],
  ["http://host/%2525252525252525", "http://host/%25"],
  ["http://host/asdf%25%32%35asd", "http://host/asdf%25asd"],
  ["http://host/%%%25%32%35asd%%", "http://host/%25%25%25asd%25%25"],
  ["http://www.google.com/", "http://www.google.com/"],
  [
    "http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63%75%72%65/%77%77%77%2E%65%62%61%79%2E%63%6F%6D/",
    "http://168.188.99.26/.secure/www.ebay.com/",
  ],
  [
    "http://195.127.0.11/uploads/%20%20%20%20/.verify/.eBaysecure=updateuserdataxplimnbqmn-xplmvalidateinfoswqpcmlx=hgplmcx/",
    "http://195.127.0.11/uploads/%20%20%20%20/.verify/.eBaysecure=updateuserdataxplimnbqmn-xplmvalidateinfoswqpcmlx=hgplmcx/",
  ],
  [
    "http://host%23.com/%257Ea%2521b%2540c%2523d%2524e%25f%255E00%252611%252A22%252833%252944_55%252B",
    "http://host%23.com/~a!b@c%23d$e%25f^00&11*22(33)44_55+",
  ],
  ["http://3279880203/blah", "http://195.127.0.11/blah"],
  ["http://www.google.com/blah/..", "http://www.google.com/"],
  ["www.google.com/", "http://www.google.com/"],
  ["www.google.com", "http://www.google.com/"],
  ["http://www.evil.com/blah#frag", "http://www.evil.com/blah"],
  ["http://www.GOOgle.com/", "http://www.google.com/"],
  ["http://www.google.com.../", "http://www.google.com/"],
  ["http://www.google.com/foo\tbar\rbaz\n2", "http://www.google.com/foobarbaz2"],
  ["http://www.google.com/q?", "http://www.google.com/q?"],
  ["http://www.google.com/q?r?", "http://www.google.com/q?r?"],
  ["http://www.google.com/q?r?s", "http://www.google.com/q?r?s"],
  ["http://evil.com/foo#bar#baz", "http://evil.com/foo"],
  ["http://evil.com/foo;", "http://evil.com/foo;"],
  ["http://evil.com/foo?bar;", "http://evil.com/foo?bar;"],
  [Buffer.from("http://\x01\x80.com/", "latin1"), "http://%01%80.com/"],
  ["http://notrailingslash.com", "http://notrailingslash.com/"],
  ["http://www.gotaport.com:1234/", "http://www.gotaport.com:1234/"],
  ["  http://www.google.com/  ", "http://www.google.com/"],
  ["http:// leadingspace.com/", "http://%20leadingspace.com/"],
  ["http://%20leadingspace.com/", "http://%20leadingspace.com/"],
  ["%20leadingspace.com/", "http://%20leadingspace.com/"],
  ["https://www.securesite.com/", "https://www.securesite.com/"],
  ["http://host.com/ab%23cd", "http://host.com/ab%23cd"],
  ["http://host.com//twoslashes?more//slashes", "http://host.com/twoslashes?more//slashes"],
]

test("all 33 published canonicalisation vectors hold", () => {
  assert.equal(published.length, 33)
  for (const [given, expected] of published) assert.equal(canonicalAddress(given), expected, String(given))
})

test("a host that is an IPv4 address in any notation becomes dotted decimals", () => {
  const hosts = {
    "12.0x12.01234": "12.18.2.156",
    "276.2.3": "20.2.0.3",
    "012.034.01.055": "10.28.1.45",
    "0x12.0x43.0x44.0x01": "18.67.68.1",
    "167838211": "10.1.2.3",
    "4294967295": "255.255.255.255",
    "3279880203": "195.127.0.11",
    "0": "0.0.0.0",
    "192.168.0.1": "192.168.0.1",
  }
  for (const [given, expected] of Object.entries(hosts))
    assert.equal(canonicalExpression(`http://${given}/`), `${expected}/`, given)
  for (const name of ["123.123.0.0.1", "1.2.3.00x0", "09.1.1.1", "4294967296", "1..example"]) {
    assert.equal(canonicalExpression(`http://${name}/`), `${name.replace("..", ".")}/`, name)
  }
})

test("an IPv6 host takes its shortest form, and one that carries an IPv4 address becomes that", () => {
  assert.equal(canonicalExpression("http://[2001:DB8:0:0:0::1]:8080/x"), "[2001:db8::1]/x")
  assert.equal(canonicalExpression("http://[::ffff:10.1.2.3]/"), "10.1.2.3/")
  assert.equal(canonicalExpression("http://[64:ff9b::a01:203]/"), "10.1.2.3/")
  assert.equal(canonicalExpression("http://[::1]/"), "[::1]/")
})

test("international names, escaped or not, become punycode; user and default port are dropped", () => {
  assert.equal(canonicalAddress("http://www.ümlat.com/"), "http://www.xn--mlat-zra.com/")
  assert.equal(canonicalAddress("http://www.%C3%BCmlat.com/"), "http://www.xn--mlat-zra.com/")
  assert.equal(canonicalAddress("http%3A%2F%2Fwackyurl.com:80/"), "http://wackyurl.com/")
  assert.equal(canonicalAddress("https://user:pass@example.com:443/a"), "https://example.com/a")
})

test("what has no host or no web scheme has no canonical form", () => {
  for (const given of [
    "",
    "/blah",
    "#ref",
    "/blah#ref",
    "mailto:gnome@example.com",
    "javascript:void(0)",
    "data:image/png;base64,AA==",
    "http://",
    "http://.../",
    "http://a:b:c/",
  ]) {
    assert.equal(canonicalAddress(given), undefined, given)
    assert.deepEqual(expressions(given), [])
  }
})

test("the canonical form is a fixed point", () => {
  for (const [given] of published) {
    const once = canonicalAddress(given)!
    assert.equal(canonicalAddress(once), once)
  }
})

test("an address of a hundred thousand nested escapes is undone in one pass", () => {
  assert.equal(canonicalAddress(`http://host/%${"25".repeat(100_000)}`), "http://host/%25")
})

test("expressions are the suffixes of the host times the prefixes of the path, as published", () => {
  assert.deepEqual(expressions("http://a.b.c/1/2.html?param=1"), [
    "a.b.c/1/2.html?param=1",
    "a.b.c/1/2.html",
    "a.b.c/",
    "a.b.c/1/",
    "b.c/1/2.html?param=1",
    "b.c/1/2.html",
    "b.c/",
    "b.c/1/",
  ])
  const hosts = ["a.b.c.d.e.f.g", "c.d.e.f.g", "d.e.f.g", "e.f.g", "f.g"]
  assert.deepEqual(
    expressions("http://a.b.c.d.e.f.g/1.html"),
    hosts.flatMap((host) => [`${host}/1.html`, `${host}/`]),
  )
  assert.deepEqual(expressions("http://1.2.3.4/1/"), ["1.2.3.4/1/", "1.2.3.4/"])
})

test("no expression names a public suffix, and none goes above an onion service", () => {
  assert.deepEqual(expressions("http://shop.example.co.uk/"), ["shop.example.co.uk/", "example.co.uk/"])
  const onion = `${"a".repeat(56)}.onion`
  assert.deepEqual(expressions(`http://${onion}/`), [`${onion}/`])
  assert.deepEqual(expressions(`http://www.${onion}/`), [`www.${onion}/`, `${onion}/`])
})

test("an address has at most 30 expressions", () => {
  const found = expressions("http://a.b.c.d.e.f.g.h/1/2/3/4/5/6.html?q")
  assert.equal(found.length, 30)
  assert.equal(new Set(found).size, 30)
  assert.equal(found[0], "a.b.c.d.e.f.g.h/1/2/3/4/5/6.html?q")
})

test("an expression's hash is SHA-256", () => {
  assert.equal(expressionHash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  assert.equal(expressionHash("foo.com/"), "af30010e4c011fc77e1ab03ef898ab2f8dec17c0bd178a875ad0cd9b7a6e5973")
})
