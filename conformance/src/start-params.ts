import { pathToFileURL } from "node:url";

/** The `file:` URI of a path of this machine. */
export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

/** Parameters of `process/start` with everything that must be there, plus what the caller wants different. */
export function startParams(
  folder: string,
  params: { readonly processId: string; readonly argv: readonly string[] } & Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { cwd: uriOf(folder), env: {}, tty: false, ...params };
}
