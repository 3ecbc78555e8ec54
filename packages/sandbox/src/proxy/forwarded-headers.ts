/** They speak of one connection, not of the message. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers to pass on, names and values in turn, as they came: without those of the connection, and those that it names. */
export function forwardedHeaders(rawHeaders: readonly string[], dropped: readonly string[] = []): string[] {
  const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, index) => ({
    name: rawHeaders[2 * index] ?? "",
    value: rawHeaders[2 * index + 1] ?? "",
  }));
  const named = pairs
    .filter(({ name }) => name.toLowerCase() === "connection")
    .flatMap(({ value }) => value.split(",").map((each) => each.trim().toLowerCase()))
    // A message without its length would end at the wrong place.
    .filter((name) => name !== "content-length");
  const gone = new Set([...HOP_BY_HOP, ...named, ...dropped]);
  return pairs.filter(({ name }) => !gone.has(name.toLowerCase())).flatMap(({ name, value }) => [name, value]);
}
