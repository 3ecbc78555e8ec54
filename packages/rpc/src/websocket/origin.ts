/**
 * Check the origin of web pages, as browsers send it: scheme, host, and a port that is not the scheme's own; nothing else, no pattern.
 *
 * @throws RangeError - It is none.
 */
export function checkOrigin(text: string): void {
  const url = URL.parse(text);
  const isOfWeb = url !== null && (url.protocol === "http:" || url.protocol === "https:");
  if (isOfWeb && url.origin === text && !text.includes("*")) return;
  const hint = isOfWeb && url.origin !== text ? `; did you mean ${url.origin}?` : "";
  throw new RangeError(
    `${JSON.stringify(text)} is no origin, such as https://app.example or http://localhost:5173${hint}`,
  );
}
