import type { CheerioAPI } from "cheerio/slim"
import type { ParsedPage } from "./forum-engine.ts"
import { collapse, visibleText } from "./page-tree.ts"

export type Obstacle = NonNullable<ParsedPage["obstacle"]>

const challengeWords =
  /just a moment|checking your browser|ddos[- ]?(guard|protection)|attention required|verify(ing)? (that )?you( are|'re|’re) (a )?(human|not)|are you (a )?human|not a (ro)?bot|human verification|security check|captcha|anti-?bot|in (a|the) queue|queue position|waiting room|endgame/i
const maintenanceWords =
  /maintenance|wartungs|mantenimiento|manuten[çz]|onderhoud|konserwacj|техническ|обслуживан|currently (disabled|unavailable|offline|closed)|board (is )?(disabled|offline)|temporarily (unavailable|offline|closed)|vorübergehend|momentan (deaktiviert|nicht)|désactivé|deshabilitad|отключ/i
const logInWords =
  /not authori[sz]ed|must (be )?(registered|log(ged)? in)|requires? you to be (registered|logged)|(please|need to|have to) (log|sign) ?in|log ?in (to|or register to) (view|continue)|nicht berechtigt|anmelden|registriert und angemeldet|connecté|iniciar sesi|авториз|войти|permission to (view|access)/i
const errorWords =
  /(^|\W)(general error|sql error|internal server error|bad gateway|service unavailable|gateway time-?out|fatal error|forbidden|access denied|not found|does ?n.t exist|does not exist|no longer exists?|invalid (topic|thread|forum|board)|404|403|50[0234])(\W|$)/i

const challengeMarks =
  "#challenge-form, #challenge-running, #cf-wrapper, .cf-challenge, .g-recaptcha, .h-captcha, .cf-turnstile, #captcha, [id*=captcha i], [name*=captcha i], img[src*=captcha i], form[action*=captcha i], script[src*=challenge-platform], script[src*=captcha i], #anubis_challenge"

/**
 * What a page is instead of content. To be asked only for a page on which no posts, threads or boards were found: a forum's ordinary
 * pages carry log-in forms and speak of maintenance too.
 */
export function obstacleOf($: CheerioAPI): Obstacle | undefined {
  const title = collapse($("title").first().text())
  const visible = visibleText($, 4000)
  const head = `${title} ${collapse($("h1, h2, #message, .error, .alert, .message").slice(0, 6).text()).slice(0, 600)}`
  const hasPassword = $("input[type=password]").length > 0
  if (challengeWords.test(title)) return "challenge"
  if (maintenanceWords.test(head) && $("form#login").length === 0) return "maintenance"
  if (hasPassword) return "log_in"
  if ($(challengeMarks).length > 0 || challengeWords.test(head)) return "challenge"
  if (logInWords.test(head)) return "log_in"
  if (errorWords.test(head)) return "error"
  if (visible.length > 1500) return undefined
  if (challengeWords.test(visible)) return "challenge"
  if (maintenanceWords.test(visible)) return "maintenance"
  if (logInWords.test(visible)) return "log_in"
  if (errorWords.test(visible)) return "error"
  // Next to nothing to read, but a script or a refresh: an interstitial that sends a browser on.
  const sendsOn = $("meta[http-equiv=refresh i]").length > 0 || $("script").length > 0
  return visible.length < 200 && sendsOn ? "challenge" : undefined
}

/** What a forum's own message page ("Information") says. */
export function messageObstacle(message: string): Obstacle {
  if (maintenanceWords.test(message)) return "maintenance"
  return logInWords.test(message) ? "log_in" : "error"
}
