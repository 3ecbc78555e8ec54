import { pathToFileURL } from "node:url";

/** The `file:` URI of a path of this machine. */
export const uriOf = (path: string): string => pathToFileURL(path).href;

/** Parameters of `process/start` with everything that must be there, plus what the caller wants different. */
export const startParams = (
  folder: string,
  params: { readonly processId: string; readonly argv: readonly string[] } & Readonly<Record<string, unknown>>,
): Record<string, unknown> => ({ cwd: uriOf(folder), env: {}, tty: false, ...params });
