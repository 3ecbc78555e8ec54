/** Shorter ones stand in words that are no secret. */
const SHORTEST_SECRET = 6;
const HIDDEN = "[hidden]";

/**
 * Takes the values of variables out of what a server says, which prints them where its own settings are wrong.
 *
 * @param values - Those that somebody gave it; not those that every program has.
 */
export function hidingValues(values: readonly string[]): (text: string) => string {
  // The longest first: one may be a part of another.
  const secrets = [...new Set(values)]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}
