import { shownUrl } from "@holdfast/rpc";
import type { Arguments } from "../command-line/arguments.ts";
import { UsageError } from "../command-line/failure.ts";
import { defaultSocketUrl } from "./default-socket.ts";
import { isProgramUrl, programUrl } from "./program-url.ts";

const VARIABLES = ["HOLDFAST_URL", "CODEX_EXEC_SERVER_URL"] as const;

/** With this value in its variable, Codex uses no executor. */
const NO_EXECUTOR = "none";

/** The executor of this user, on its socket in the usual place. */
const OWN_EXECUTOR = "unix://";

type Environment = Readonly<Record<string, string | undefined>>;

const SCHEMES: readonly string[] = ["ws:", "wss:", "unix:", "ssh:", "relay+http:", "relay+https:"];

/**
 * The executor to use: `--url` or `--program`, else the environment. A program is a URL, too: `program:` and its words.
 *
 * @returns undefined for the one inside this process.
 * @throws UsageError it is no URL of an executor, or no command line.
 */
export function executorUrl(args: Pick<Arguments, "text">, env: Environment): URL | undefined {
  const named = namedUrl(args, env);
  if (named !== undefined) return named;
  for (const name of VARIABLES) {
    const text = env[name];
    if (text === undefined || text === "") continue;
    return text === NO_EXECUTOR ? undefined : checkedUrl(name, text, env);
  }
  return undefined;
}

/** The executor that the arguments name, if they do. @throws UsageError as {@link executorUrl} does. */
export function namedUrl(args: Pick<Arguments, "text">, env: Environment): URL | undefined {
  const url = args.text("url");
  const program = args.text("program");
  if (url !== undefined && program !== undefined) throw new UsageError("give --url or --program, not both");
  if (program !== undefined) return programUrl(program);
  return url === undefined ? undefined : checkedUrl("--url", url, env);
}

/** An executor as it was written down, by the `href` of its URL; undefined when the text is none. */
export function recordedUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  return SCHEMES.includes(url.protocol) || isProgramUrl(url) ? url : undefined;
}

function checkedUrl(source: string, text: string, env: Environment): URL {
  if (text === OWN_EXECUTOR) return defaultSocketUrl(env);
  const url = URL.parse(text);
  if (url !== null && SCHEMES.includes(url.protocol)) return url;
  throw new UsageError(
    `${source} must be a ws://, wss://, unix://, ssh:// or relay+https:// URL, not '${shownUrl(text)}'`,
  );
}
