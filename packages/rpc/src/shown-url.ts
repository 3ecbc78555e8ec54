const HIDDEN = "***";

/**
 * An address for messages and logs, without the parts that may hold a secret: the user and password, the query and the
 * fragment. `ws://user:password@host/path?token=x` becomes `ws://***@host/path?***`.
 *
 * @param address - Need not be a URL at all: it may be the very text that is refused for that.
 */
export function shownUrl(address: string | URL): string {
  const [, scheme = "", rest = ""] = /^([^/?#]*:\/\/)?(.*)$/s.exec(String(address)) ?? [];
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const path = end === -1 ? "" : rest.slice(end);
  // In a text that is no URL, everything before an @ is taken for a password.
  const at = authority.lastIndexOf("@");
  const host = at === -1 ? authority : `${HIDDEN}${authority.slice(at)}`;
  return `${scheme}${host}${path.replace(/([?#]).+$/s, `$1${HIDDEN}`)}`;
}

/** What looks like a URL in the middle of a text, without the punctuation behind it. */
const URLS = /[a-z][a-z0-9+.-]*:\/\/[^\s`'"<>]*[^\s`'"<>.,:;!)\]}]/giu;

/** A text, such as the message of an error, in which every URL is as {@link shownUrl} shows it. */
export function shownText(text: string): string {
  return text.replace(URLS, (url) => shownUrl(url));
}
