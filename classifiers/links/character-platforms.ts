/** Public front ends where people talk with chatbot characters, and where such characters are exchanged. Add a row to add a platform. */
export interface CharacterPlatform {
  readonly platform: string
  /** Exact host names without a leading `www.` or `m.`. */
  readonly hosts: readonly string[]
  /** Where characters are a part of a larger site: paths that lead to them. */
  readonly paths?: RegExp
}

const whole: readonly (readonly [platform: string, hosts: string])[] = [
  ["character.ai", "character.ai beta.character.ai old.character.ai plus.character.ai c.ai share.character.ai"],
  ["chub", "chub.ai venus.chub.ai characterhub.org avatars.charhub.io api.chub.ai gateway.chub.ai"],
  ["janitorai", "janitorai.com jannyai.com janitorai.me jannyai.me"],
  ["spicychat", "spicychat.ai"],
  ["crushon", "crushon.ai"],
  ["candy", "candy.ai"],
  ["aicharactercards", "aicharactercards.com"],
  ["character-tavern", "character-tavern.com"],
  ["risuai", "realm.risuai.net risuai.net risuai.xyz"],
  ["wyvern", "wyvern.chat app.wyvern.chat"],
  ["charsnap", "charsnap.ai"],
  ["polybuzz", "polybuzz.ai poly.ai polyspeak.ai"],
  ["talkie", "talkie-ai.com talkie.ai"],
  ["linky", "linky.ai linkyai.app"],
  ["chai", "chai-research.com chai.ml"],
  ["figgs", "figgs.ai"],
  ["backyard", "backyard.ai faraday.dev"],
  ["sakura", "sakura.fm"],
  ["agnai", "agnai.chat"],
  ["pygmalion", "pygmalion.chat server.pygmalion.chat"],
  ["replika", "replika.com replika.ai my.replika.com my.replika.ai"],
  ["kindroid", "kindroid.ai landing.kindroid.ai"],
  ["nomi", "nomi.ai beta.nomi.ai"],
  ["paradot", "paradot.ai"],
  ["kajiwoto", "kajiwoto.ai"],
  ["moemate", "moemate.io"],
  ["dreamgen", "dreamgen.com"],
  ["hiwaifu", "hiwaifu.com"],
  ["dopple", "dopple.ai beta.dopple.ai"],
  ["joyland", "joyland.ai"],
  ["muah", "muah.ai"],
  ["dreamjourney", "dreamjourneyai.com"],
  ["xoul", "xoul.ai xoul.com"],
  ["saucepan", "saucepan.ai"],
  ["hammerai", "hammerai.com"],
  ["harpy", "harpy.chat"],
  ["caveduck", "caveduck.io"],
  ["zeta", "zeta-ai.io"],
  ["crack", "crack.wrtn.ai"],
  ["babechat", "babechat.ai"],
  ["pephop", "pephop.ai"],
  ["flipped", "flipped.chat flippedchat.io"],
  ["botify", "botify.ai"],
  ["anima", "myanima.ai"],
  ["romantic-ai", "romanticai.com"],
  ["gptgirlfriend", "gptgirlfriend.online gptgirlfriend.io"],
  ["nastia", "nastia.ai"],
  ["soulgen", "soulgen.net"],
  ["emochi", "emochi.com"],
  ["loremate", "loremate.ai"],
  ["rolemantic", "rolemantic.ai"],
  ["tavernai", "tavernai.net"],
  ["sillytavern", "sillytavern.app docs.sillytavern.app sillytavernai.com"],
  ["ai-dungeon", "aidungeon.com play.aidungeon.com beta.aidungeon.com"],
  ["xingye", "xingyeai.com"],
  ["glow", "glowapp.tech"],
  ["maoxiang", "maoxiangai.com"],
]

export const characterPlatforms: readonly CharacterPlatform[] = [
  ...whole.map(([platform, hosts]) => ({ platform, hosts: hosts.split(" ") })),
  {
    platform: "perchance",
    hosts: ["perchance.org"],
    paths: /^\/(?:ai-character|ai-chat|ai-rpg|ai-roleplay|[\w-]{1,60}-chat\b)/i,
  },
  { platform: "moescape", hosts: ["moescape.ai", "yodayo.com"], paths: /^\/(?:\w{2}\/)?tavern/i },
  { platform: "tensorart-chat", hosts: ["tensor.art"], paths: /^\/(?:\w{2}\/)?(?:character|ai-chat)s?\//i },
  { platform: "seaart-chat", hosts: ["seaart.ai"], paths: /^\/(?:\w{2,5}\/)?(?:character|cyberPub)/i },
  { platform: "pixai-chat", hosts: ["pixai.art"], paths: /^\/(?:\w{2}\/)?(?:character|chat)s?\//i },
  { platform: "flowgpt", hosts: ["flowgpt.com"], paths: /^\/(?:p|chat|character|prompt)\// },
  { platform: "lite.koboldai", hosts: ["lite.koboldai.net", "koboldai.net"] },
  { platform: "sillytavern", hosts: ["github.com"], paths: /^\/(?:SillyTavern|TavernAI|Cohee1207)(?:\/|$)/i },
]

/** First path parts that speak about the platform, not about a character. */
export const platformPages: ReadonlySet<string> = new Set(
  "about blog help faq press careers jobs terms terms-of-service tos privacy privacy-policy policy policies login signin sign-in signup sign-up register support contact pricing docs status news legal safety community-guidelines guidelines download".split(
    " ",
  ),
)
