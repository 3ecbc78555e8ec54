import type { ExecutorLimits, SpoolOptions } from "@holdfast/executor";
import type { Context } from "../command-line/context.ts";
import { commandLimits } from "../executor/command-limits.ts";
import { type AccessSettings, accessSettings, NO_LISTENER } from "./access-settings.ts";
import { idleTimeoutMs } from "./idle-end.ts";
import { limitOptions } from "./limit-options.ts";
import { type ListenAddress, parseListenAddress } from "./listen-address.ts";
import { type LogSettings, logSettings } from "./log/log-settings.ts";
import { type RelayAddress, relayAddress } from "./remote/relay-address.ts";
import type { ServeWords } from "./serve-words.ts";
import { sessionLimits } from "./session-limits.ts";
import { spoolOptions } from "./spool-options.ts";

export const DEFAULT_LISTEN = "ws://127.0.0.1:0";

/** What `serve` was told, checked, as plain data. Nothing has been opened or read for it. */
export interface ServeSettings {
  readonly address: ListenAddress | RelayAddress;
  /** Who may connect. */
  readonly access: AccessSettings;
  readonly limits: Partial<ExecutorLimits>;
  readonly spool: SpoolOptions | undefined;
  readonly log: LogSettings;
  /** Milliseconds without a session after which it ends; undefined: it does not. */
  readonly idleTimeoutMs: number | undefined;
}

/**
 * Read the settings.
 *
 * @param place - Its `cwd` is what relative paths are relative to, its `env` says where the socket of `unix://` is.
 * @throws UsageError for the first that is wrong, or that does not go with another one.
 */
export function serveSettings(words: ServeWords, place: Pick<Context, "cwd" | "env">): ServeSettings {
  return {
    ...reachSettings(words, place),
    limits: executorLimits(words),
    spool: spoolOptions(words.text("spool"), words.text("spool-limit"), place),
    log: logSettings(words),
    idleTimeoutMs: idleTimeoutMs(words.text("idle-timeout")),
  };
}

function reachSettings(
  words: ServeWords,
  place: Pick<Context, "cwd" | "env">,
): Pick<ServeSettings, "address" | "access"> {
  const relay = relayAddress(words, place);
  // Whom the relay sends, the registry has let in.
  if (relay !== undefined) return { address: relay, access: NO_LISTENER };
  const address = parseListenAddress(words.text("listen") ?? DEFAULT_LISTEN, place);
  return { address, access: accessSettings(words, address, place) };
}

/** @throws UsageError one of them is none. */
function executorLimits(words: ServeWords): Partial<ExecutorLimits> {
  const text = words.text("limits");
  return {
    ...sessionLimits(words.text("session-ttl")),
    ...commandLimits(words),
    ...(text ? limitOptions(text) : {}),
  };
}
