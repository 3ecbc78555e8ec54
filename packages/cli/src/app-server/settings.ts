import { configOverrides, featureOverrides } from "../agent/config-override.ts";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, UsageError } from "../command-line/failure.ts";
import { type AccessSettings, accessSettings, asksForCredentials } from "../serve/access-settings.ts";
import { authSettings } from "../serve/auth-settings.ts";
import type { ListenAddress } from "../serve/listen-address.ts";
import { type LogSettings, logSettings } from "../serve/log/log-settings.ts";
import type { ServeWords } from "../serve/serve-words.ts";
import { tlsSettings } from "../serve/tls-settings.ts";
import { parseHostAddress } from "./listen-address.ts";

const DEFAULT_LISTEN = "stdio://";
/** Who runs it reads of what went wrong, and of nothing else, unless they ask for more. */
const DEFAULT_LOG_LEVEL = "warn";

/** What `app-server` was told, checked. Nothing has been opened or read for it. */
export interface HostSettings {
  readonly address: ListenAddress;
  /** Who may connect. */
  readonly access: AccessSettings;
  readonly log: LogSettings;
  /** Members of the configuration, by dotted names. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Read the settings, by the rules of Codex and with its words where it has the same option.
 *
 * @throws UsageError, CommandFailure - The first that is wrong, or does not go with another one.
 */
export function hostSettings(args: Arguments, place: Pick<Context, "env" | "cwd">): HostSettings {
  const listen = args.text("listen");
  if (listen !== undefined && args.has("stdio")) throw new UsageError("--stdio is --listen stdio://: give one of them");
  const address = parseHostAddress(listen ?? DEFAULT_LISTEN, place);
  if (address.kind === "off") {
    throw new CommandFailure("no transport configured; use --listen stdio://, unix:// or ws://IP:PORT");
  }
  checkReach(args, address, place);
  return {
    address,
    access: accessSettings(args, address, place),
    log: logSettings(args, DEFAULT_LOG_LEVEL),
    config: {
      ...configOverrides(args.texts("config")),
      ...featureOverrides({ enable: args.texts("enable"), disable: args.texts("disable") }),
    },
  };
}

/** @throws CommandFailure - Other machines could come, and nothing is asked of them. */
function checkReach(words: ServeWords, address: ListenAddress, place: Pick<Context, "cwd">): void {
  if (address.kind !== "websocket" || address.isLoopback) return;
  const access = { auth: authSettings(words, address, place), tls: tlsSettings(words, address, place) };
  if (asksForCredentials(access)) return;
  const shown = `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
  throw new CommandFailure(
    `refusing to start non-loopback websocket listener ${shown} without auth; configure \`--ws-auth capability-token\` or \`--ws-auth signed-bearer-token\``,
  );
}
