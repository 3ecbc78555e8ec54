import { join } from "node:path";
import { RELAY_TOKEN_VARIABLE, TOKEN_VARIABLE } from "../executor/credential-options.ts";
import type { Credentials } from "../executor/credentials.ts";
import { runtimeFolder } from "../executor/default-socket.ts";
import { isProgramUrl } from "../executor/program-url.ts";
import { version } from "../version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the names of sockets are made of: how many numbers of 32 bits, and where each begins. */
const SEEDS = [0x811c9dc5, 0x01000193, 0x9e3779b9] as const;
const PRIME = 0x01000193;

/** An executor, and what decides how it is reached. */
export interface Far {
  readonly url: URL;
  readonly credentials: Credentials;
}

/** The variable that says how `ssh` is run. */
const SSH_COMMAND = "HOLDFAST_SSH";
/** Variables that lead the way of `ssh` itself elsewhere, or let another one in. */
const LEADING = ["SSH_AUTH_SOCK", "HOME", "PATH"] as const;
/** Variables that lead no program anywhere. */
const LEADING_NOWHERE: ReadonlySet<string> = new Set(["_", "SHLVL", "OLDPWD"]);

/** Set to `0`: no background connections. Set to `always`: also to executors on this machine. */
const SWITCH = "HOLDFAST_BACKGROUND";

/** A background connection, which need not be there. */
export interface BackgroundPlace {
  readonly socket: string;
  /** What it leads to and how, word for word: whoever is reached otherwise, by another version or with other credentials, is another one. */
  readonly way: string;
  /** Where it runs. Where its way does not depend on a folder, it keeps no file system busy. */
  readonly folder: string;
}

/**
 * The background connection to an executor; undefined for an executor that is reached without one: it is on this machine, none is wanted,
 * or its way depends on a folder that is gone.
 */
export function backgroundPlace({ url, credentials }: Far, env: Environment): BackgroundPlace | undefined {
  const wanted = env[SWITCH];
  if (process.platform === "win32" || wanted === "0" || (wanted !== "always" && isHere(url))) return undefined;
  const folder = isByProgram(url, env) ? currentFolder() : "/";
  if (folder === undefined) return undefined;
  const parts = [version(), url.href, ...surroundings({ url, folder }, env)];
  // The name has no secret in it.
  const socket = join(runtimeFolder(env), `line-${sumOf(JSON.stringify(parts))}`);
  return { socket, way: JSON.stringify([...parts, credentials]), folder };
}

/** Undefined: it is gone. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Whether a program that the user names leads there. */
function isByProgram(url: URL, env: Environment): boolean {
  return isProgramUrl(url) || (url.protocol === "ssh:" && Boolean(env[SSH_COMMAND]));
}

/**
 * What the way depends on besides its URL. A program that the user names may look at its folder and at every variable: `DOCKER_HOST`
 * leads to another machine.
 */
function surroundings(
  { url, folder }: Pick<BackgroundPlace, "folder"> & Pick<Far, "url">,
  env: Environment,
): readonly unknown[] {
  if (isByProgram(url, env)) {
    const all = Object.entries(env).filter(
      ([name]) => !LEADING_NOWHERE.has(name) && name !== TOKEN_VARIABLE && name !== RELAY_TOKEN_VARIABLE,
    );
    return [folder, all.sort(([one], [other]) => (one < other ? -1 : 1))];
  }
  return url.protocol === "ssh:" ? LEADING.map((name) => env[name] ?? "") : [];
}

/** Tells one from another; who listens there compares every word. A real digest takes longer to load than the rest of a command. */
function sumOf(text: string): string {
  return SEEDS.map((seed) => {
    let sum: number = seed;
    for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), PRIME);
    return (sum >>> 0).toString(16).padStart(8, "0");
  }).join("");
}

function isHere({ protocol, hostname }: URL): boolean {
  if (protocol === "unix:") return true;
  const isPlain = protocol === "ws:" || protocol === "relay+http:";
  return isPlain && (hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127."));
}
