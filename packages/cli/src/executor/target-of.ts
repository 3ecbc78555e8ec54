import type { ConnectTarget } from "@holdfast/exec-client";
import { isProgramUrl, programWords } from "./program-url.ts";

/** What `connect` takes for the executor that a user named. */
export function targetOf(url: URL): ConnectTarget {
  if (!isProgramUrl(url)) return url;
  const [command = "", ...args] = programWords(url);
  return { command, args, redial: true };
}
