const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** `Sat May 02, 2026 8:15 am` in UTC, with the machine's form in `datetime`. */
export function timeHtml(at: number): string {
  return `<time datetime="${new Date(at).toISOString().slice(0, 19)}+00:00">${dateText(at)}</time>`
}

export function dateText(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, "0")
  const hour = date.getUTCHours()
  return `${days[date.getUTCDay()]} ${monthNames[date.getUTCMonth()]} ${two(date.getUTCDate())}, ${date.getUTCFullYear()} ${hour % 12 || 12}:${two(date.getUTCMinutes())} ${hour < 12 ? "am" : "pm"}`
}
