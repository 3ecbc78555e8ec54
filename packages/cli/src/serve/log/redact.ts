import { shownUrl } from "@holdfast/rpc";

const HIDDEN = "***";

/** Lengths are bounded, so that no text takes long. */
const URLS = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]+/gi;
/** But not the name of the thing, as in "missing websocket bearer token". */
const AUTHORIZATIONS = /\b(Bearer|Basic)(\s{1,8})(?!token(?:$|[\s"',;]))[^\s"',;]+/gi;
const WEB_TOKENS = /\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*/g;
const ASSIGNMENTS = /((?:token|secret|passw(?:or)?d|api[-_]?key|credentials?)[\w-]{0,32}["']?[=:]["']?)[^\s"',;&]+/gi;
/** An option whose value is the next word. */
const NAMES_SECRET = /^--?[\w-]{0,32}(?:token|secret|passw(?:or)?d|api[-_]?key|credentials?)$/i;

/**
 * A text without what looks like a secret: users, passwords and queries of URLs, what follows `Bearer`, signed tokens, and values of
 * names such as `password=`. A secret that looks like nothing else can't be told.
 */
export function redacted(text: string): string {
  return text
    .replaceAll(URLS, (url) => shownUrl(url))
    .replaceAll(WEB_TOKENS, HIDDEN)
    .replaceAll(AUTHORIZATIONS, `$1$2${HIDDEN}`)
    .replaceAll(ASSIGNMENTS, `$1${HIDDEN}`);
}

/** The same for the words of a command, where a secret may be the word after its name. */
export function redactedWords(words: readonly string[]): readonly string[] {
  return words.map((word, index) => (NAMES_SECRET.test(words[index - 1] ?? "") ? HIDDEN : redacted(word)));
}
