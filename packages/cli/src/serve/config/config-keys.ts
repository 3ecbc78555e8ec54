import { LIMIT_RANGES } from "@holdfast/executor";
import type { OptionSpec } from "../../command-line/command-spec.ts";
import { SERVE_OPTIONS } from "../options.ts";

/** A key of the configuration file. */
export interface ConfigKey {
  /** The option whose value it is. */
  readonly option: string;
  readonly kind: OptionSpec["kind"];
  /** It names a file or a folder: a relative one is relative to the folder of the file. */
  readonly isPath: boolean;
}

/** Options that are about the start itself, and the limits, which have a table of their own. */
const NOT_IN_FILE = ["config", "check", "json", "limits", "replace"];

/** Tables, by how the options in them begin. */
const TABLES: Readonly<Record<string, string>> = {
  ws: "auth",
  tls: "tls",
  log: "log",
  spool: "spool",
  command: "commands",
};

/** Options whose names say the table, and not the key. */
const NAMED: Readonly<Record<string, string>> = {
  "ws-auth": "auth.kind",
  spool: "spool.directory",
  remote: "relay.url",
  "environment-id": "relay.environment-id",
  name: "relay.name",
  "registration-bearer-stdin": "relay.registration-bearer-stdin",
  "executor-credential-stdin": "relay.executor-credential-stdin",
  "allow-plaintext-relay": "relay.allow-plaintext",
};

/** The table whose keys are those of `--limits`. */
export const LIMITS_TABLE = "limits";

export const LIMIT_NAMES: readonly string[] = Object.keys(LIMIT_RANGES);

/** Options that a configuration file may set, the limits apart. */
export const SETTABLE_OPTIONS: readonly (readonly [name: string, spec: OptionSpec])[] = Object.entries(
  SERVE_OPTIONS,
).filter(([option]) => !NOT_IN_FILE.includes(option));

/** Every key that a configuration file may have besides the limits, by its whole name: `auth.token-file`. */
export const CONFIG_KEYS: Readonly<Record<string, ConfigKey>> = Object.fromEntries(
  SETTABLE_OPTIONS.map(([option, { kind, value = "" }]) => [
    keyOf(option),
    { option, kind, isPath: value === "FILE" || value === "DIR" },
  ]),
);

/** How an option is called in a configuration file. */
export function keyOf(option: string): string {
  const [, prefix = "", rest = ""] = /^([a-z]+)-(.+)$/.exec(option) ?? [];
  const table = Object.hasOwn(TABLES, prefix) ? TABLES[prefix] : undefined;
  return NAMED[option] ?? (table === undefined ? option : `${table}.${rest}`);
}
