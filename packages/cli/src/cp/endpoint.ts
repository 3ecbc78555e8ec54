import { UsageError } from "../command-line/failure.ts";

/** One side of a copy, as it was written. */
export interface Endpoint {
  readonly side: "local" | "remote";
  /** Without the prefix. Empty on the remote side: the executor's working folder. */
  readonly path: string;
}

const REMOTE_PREFIX = "remote:";

/** @throws UsageError a local path is empty. */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith(REMOTE_PREFIX)) return { side: "remote", path: text.slice(REMOTE_PREFIX.length) };
  if (text === "") throw new UsageError("a path must not be empty");
  return { side: "local", path: text };
}
