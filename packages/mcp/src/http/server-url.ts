import { shownUrl } from "@holdfast/rpc";

/**
 * The address of a server.
 *
 * @throws TypeError - It is none of the web, or holds a password. What may be secret in it is not told.
 */
export function serverUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new TypeError(`url must be an http: or https: URL, not ${shownUrl(text)}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("url must hold no user and no password; put them into http_headers or env_http_headers");
  }
  return url;
}
