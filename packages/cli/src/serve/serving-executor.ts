import {
  createExecutor,
  type Executor,
  type ExecutorOptions,
  type Log,
  onGuardianNotice,
  reapOrphans,
} from "@holdfast/executor";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { withoutToken } from "../executor/credential-options.ts";
import { ownPlaces } from "../own-places.ts";
import { privatePlaces } from "../private-places.ts";
import { version } from "../version.ts";
import { withoutRelayTokens } from "./remote/relay-token.ts";
import type { SecretPlaces } from "./secret-places.ts";
import type { ServeSettings } from "./settings.ts";

/** The first process of a container is the parent of all that have none. */
const FIRST_PROCESS_ID = 1;

/** What an executor begins with. */
interface Begin {
  /** What it was started from besides its program, absolute: no confined command may write there. Default nothing. */
  readonly ownFiles?: readonly string[];
  /** What another program leaves to it. Default nothing. */
  readonly handed?: ExecutorOptions["handedOver"];
  /** What no confined command may see, besides the sockets of this user's executors. Default nothing. */
  readonly secretPlaces?: Pick<SecretPlaces, "paths"> | undefined;
  /** Told how many sessions there are when that has changed. Default nobody. */
  readonly onSessionCount?: ExecutorOptions["onSessionCount"];
}

/** The executor that this process is there for. @throws CommandFailure the folder for spooled output can't be used. */
export function servingExecutor(
  settings: ServeSettings,
  { env, cwd }: Pick<Context, "env" | "cwd">,
  log: Log,
  { ownFiles = [], secretPlaces, handed, onSessionCount }: Begin = {},
): Executor {
  const {
    limits,
    spool,
    address,
    access: { tls },
  } = settings;
  onGuardianNotice((message) => log.warn(message));
  if (process.pid === FIRST_PROCESS_ID) reapOrphans();
  // What a command wrote there would be trusted from the next reload on.
  const vouchers = [tls?.certFile, tls?.clientCaFile].filter((path) => path !== undefined);
  const places = [...ownPlaces(env), ...ownFiles, ...vouchers];
  const own = { version: version(), ownPlaces: places, keepsMemoryPrivate: true };
  const sockets = privatePlaces(env);
  const hiddenPlaces = () => [...sockets, ...(secretPlaces?.paths ?? [])];
  const told = { limits, spool, log, logsArguments: settings.log.withArguments };
  return newExecutor({
    env: address.kind === "relay" ? withoutRelayTokens(env) : withoutToken(env),
    cwd,
    ...own,
    hiddenPlaces,
    ...told,
    handedOver: handed,
    onSessionCount,
  });
}

function newExecutor(options: ExecutorOptions): Executor {
  try {
    return createExecutor(options);
  } catch (error) {
    throw new CommandFailure(`${reasonOf(error)}; name a folder that you can write`, { cause: error });
  }
}
