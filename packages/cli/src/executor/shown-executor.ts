import { shownUrl } from "@holdfast/rpc";
import { commandLineOf, isProgramUrl } from "./program-url.ts";

/** An executor for messages and tables, without what may be a secret in its URL. */
export function shownExecutor(address: URL | string): string {
  const url = typeof address === "string" ? URL.parse(address) : address;
  return url !== null && isProgramUrl(url) ? commandLineOf(url) : shownUrl(address);
}
