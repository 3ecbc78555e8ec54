import { shownUrl } from "@holdfast/rpc";
import { UsageError } from "../command-line/failure.ts";

const VARIABLES = ["HOLDFAST_URL", "CODEX_EXEC_SERVER_URL"] as const;

/** With this value in its variable, Codex uses no executor. */
const NO_EXECUTOR = "none";

/**
 * The executor to use: `--url`, else the environment.
 *
 * @returns undefined for the one inside this process.
 * @throws UsageError it is no `ws:` or `wss:` URL.
 */
export function executorUrl(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  if (option !== undefined) return websocketUrl("--url", option);
  for (const name of VARIABLES) {
    const text = env[name];
    if (text === undefined || text === "") continue;
    return text === NO_EXECUTOR ? undefined : websocketUrl(name, text);
  }
  return undefined;
}

function websocketUrl(source: string, text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "ws:" || url?.protocol === "wss:") return url;
  throw new UsageError(`${source} must be a ws:// or wss:// URL, not '${shownUrl(text)}'`);
}
