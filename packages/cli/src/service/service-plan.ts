import { isAbsolute, resolve } from "node:path";
import { isSocketUrl, socketPathOf } from "@holdfast/rpc/websocket";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import { unitPath } from "./systemd-text.ts";

/** What is to be installed. */
export interface ServicePlan {
  readonly name: string;
  /** Whose manager runs it. */
  readonly scope: "user" | "system";
  /** Whom it runs as; undefined: whose manager it is. */
  readonly user: string | undefined;
  /** The program and its first argument, absolute paths. */
  readonly program: readonly [node: string, script: string];
  /** Options of `serve`. */
  readonly options: readonly string[];
  /** Where the manager listens for it. */
  readonly socket: SocketPlace | undefined;
  /** Where commands find programs. */
  readonly path: string | undefined;
  /** It can tell its manager when it serves. */
  readonly canNotify: boolean;
}

/** Where a service manager listens: as its setting has it. */
export interface SocketPlace {
  readonly listenStream: string;
  readonly isPath: boolean;
  /** As `serve --listen` has it. */
  readonly url: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const DEFAULT_LISTEN = ["--listen", "unix://"];
const DEFAULT_LOG = ["--log-level", "info"];
/** Where a service listens whose socket is passed to it. */
export const PASSED_SOCKET = "fd://";
const ON_PASSED_SOCKET = ["--listen", PASSED_SOCKET];

/** The words of `install`, as they were given. */
export interface InstallWords {
  readonly config: string | undefined;
  readonly socket: string | undefined;
  readonly isSystem: boolean;
  readonly user: string | undefined;
  readonly serveOptions: readonly string[];
}

/** @throws UsageError for a name that no unit has. */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new UsageError(
    `--name must have up to 64 letters, digits, '.', '_' and '-', and begin with one of the first two, not '${name}'`,
  );
}

/**
 * Work out what is to be installed.
 *
 * @param place.path - `PATH`, for the commands of a service of the user's.
 * @throws UsageError for words that do not go together.
 */
export function servicePlan(
  name: string,
  words: InstallWords,
  place: Pick<ServicePlan, "path" | "program" | "canNotify"> & { readonly cwd: string },
): ServicePlan {
  const { config, isSystem, serveOptions, user } = words;
  if (isSystem !== (user !== undefined)) {
    throw new UsageError(
      "--system and --as USER go together: what runs commands as root is better told so by --as root",
    );
  }
  const socket = words.socket === undefined ? undefined : socketPlace(words.socket, isSystem);
  if (socket !== undefined && serveOptions.some((option) => /^--listen(=|$)/.test(option))) {
    throw new UsageError("--socket says where to listen already: leave out --listen");
  }
  const configured = config === undefined ? [] : ["--config", resolve(place.cwd, config)];
  const isToldNothing = config === undefined && serveOptions.length === 0;
  const listen = socket !== undefined ? ON_PASSED_SOCKET : isToldNothing ? DEFAULT_LISTEN : [];
  const options = [...configured, ...listen, ...(isToldNothing ? DEFAULT_LOG : serveOptions)];
  return {
    name,
    scope: isSystem ? "system" : "user",
    user,
    program: place.program,
    options,
    socket,
    path: isSystem ? undefined : searchPath(place.path),
    canNotify: place.canNotify,
  };
}

/** Folders that mean the same wherever a service runs. */
function searchPath(path: string | undefined): string | undefined {
  const folders = (path ?? "").split(":").filter(isAbsolute);
  return folders.length === 0 ? undefined : [...new Set(folders)].join(":");
}

function socketPlace(url: string, isSystem: boolean): SocketPlace {
  if (url === "unix://")
    return { listenStream: isSystem ? "/run/holdfast/executor.sock" : "%t/holdfast/executor.sock", isPath: true, url };
  if (isSocketUrl(url)) return { listenStream: unitPath(socketPath(url)), isPath: true, url };
  const [, address] = /^ws:\/\/((?:\d+\.){3}\d+:\d+|\[[0-9a-fA-F:.]+\]:\d+)\/?$/.exec(url) ?? [];
  if (address !== undefined && !address.endsWith(":0")) return { listenStream: address, isPath: false, url };
  throw new UsageError(
    `--socket must be ws://ADDRESS:PORT with an IP address and a port above 0, unix:///PATH or unix://, not '${url}'`,
  );
}

function socketPath(url: string): string {
  try {
    return socketPathOf(url);
  } catch (error) {
    throw new UsageError(`invalid --socket '${url}': ${reasonOf(error)}`, { cause: error });
  }
}
