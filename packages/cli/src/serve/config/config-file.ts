import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CommandFailure, reasonOf, UsageError } from "../../command-line/failure.ts";
import { nearest } from "../../command-line/nearest.ts";
import { limitOptions } from "../limit-options.ts";
import { CONFIG_KEYS, type ConfigKey, LIMIT_NAMES, LIMITS_TABLE } from "./config-keys.ts";
import { type TomlEntry, TomlError, type TomlValue, tomlEntries } from "./toml-entries.ts";

const MAX_BYTES = 1_048_576;
const OTHERS_MAY_WRITE = 0o002;

/** What a file says of one option. */
export interface ConfigEntry {
  /** `auth.token-file` */
  readonly key: string;
  readonly line: number;
  readonly value: string | true | readonly string[];
}

/** A configuration file, read and understood; what its values mean is looked at together with the options. */
export interface ConfigFile {
  /** As it was given. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** By options. What is `false` is left out, as if it was not there. */
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  /** As `--limits` takes them; empty where there are none. */
  readonly limits: string;
  /** Lines of the limits, by their names. */
  readonly limitLines: ReadonlyMap<string, number>;
}

/**
 * Read a configuration file.
 *
 * @param name - Relative to `cwd`.
 * @throws CommandFailure it can't be read, or others may write it. UsageError with file, line and key for what is not understood.
 */
export function readConfigFile(name: string, cwd: string): ConfigFile {
  const path = resolve(cwd, name);
  const entries = new Map<string, ConfigEntry>();
  const limits: string[] = [];
  const limitLines = new Map<string, number>();
  for (const entry of parsedEntries(name, textOf(name, path))) {
    const at = `${name}:${entry.line}`;
    const [table, limit] = entry.path;
    if (table === LIMITS_TABLE && limit !== undefined && entry.path.length === 2) {
      limits.push(limitSetting(at, limit, entry.value));
      limitLines.set(limit, entry.line);
      continue;
    }
    const key = entry.path.join(".");
    const spec = configKey(at, key);
    const value = entryValue(`${at}: ${key}`, spec, entry.value, dirname(path));
    if (value !== undefined) entries.set(spec.option, { key, line: entry.line, value });
  }
  return { name, path, entries, limits: limits.join(","), limitLines };
}

function textOf(name: string, path: string): string {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new Error("it is no file");
    if (stats.size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    if ((stats.mode & OTHERS_MAY_WRITE) !== 0) {
      throw new Error("every user may write it, and so decide who may run anything as you: chmod o-w it first");
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new CommandFailure(`--config ${name} can't be read: ${reasonOf(error)}`, { cause: error });
  }
}

function parsedEntries(name: string, text: string): readonly TomlEntry[] {
  try {
    return tomlEntries(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new UsageError(`${name}:${error.line}:${error.column}: this is no TOML: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function configKey(at: string, key: string): ConfigKey {
  const spec = Object.hasOwn(CONFIG_KEYS, key) ? CONFIG_KEYS[key] : undefined;
  if (spec !== undefined) return spec;
  const meant = nearest(key, Object.keys(CONFIG_KEYS)) ?? byLastName(key);
  throw new UsageError(`${at}: unknown key '${key}'${meant === undefined ? "" : `, perhaps '${meant}' is meant`}`);
}

/** A key in the wrong table, or one that is called as the option is. */
function byLastName(key: string): string | undefined {
  const last = key.split(".").at(-1) ?? key;
  const byOption = Object.entries(CONFIG_KEYS).find(([, { option }]) => option === key || option === last);
  return byOption?.[0] ?? Object.keys(CONFIG_KEYS).find((name) => name.endsWith(`.${last}`));
}

/** @returns undefined for `false`. */
function entryValue(where: string, { kind, isPath }: ConfigKey, value: TomlValue, folder: string) {
  const native = (text: string): string => (isPath && text !== "" ? resolve(folder, text) : text);
  switch (kind) {
    case "switch":
      if (typeof value === "boolean") return value ? true : undefined;
      throw new UsageError(`${where} must be true or false, not ${shown(value)}`);
    case "texts":
      if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.map(native);
      throw new UsageError(`${where} must be a list of texts, not ${shown(value)}`);
    case "text":
      if (typeof value === "string") return native(value);
      if (typeof value === "number" && Number.isSafeInteger(value) && !isPath) return String(value);
      throw new UsageError(`${where} must be a text${isPath ? "" : " or a whole number"}, not ${shown(value)}`);
  }
}

function limitSetting(at: string, name: string, value: TomlValue): string {
  if (!LIMIT_NAMES.includes(name)) {
    const meant = nearest(name, LIMIT_NAMES);
    const advice = meant === undefined ? "; serve --limits lists them" : `, perhaps '${meant}' is meant`;
    throw new UsageError(`${at}: ${LIMITS_TABLE} has no '${name}'${advice}`);
  }
  if (typeof value !== "string" && typeof value !== "number") {
    throw new UsageError(
      `${at}: ${LIMITS_TABLE}.${name} must be a whole number or a text such as "4M", not ${shown(value)}`,
    );
  }
  const setting = `${name}=${value}`;
  try {
    limitOptions(setting);
  } catch (error) {
    const reason = reasonOf(error).replace(/^--limits: /, "");
    throw new UsageError(`${at}: ${LIMITS_TABLE}.${reason}`, { cause: error });
  }
  return setting;
}

function shown(value: TomlValue): string {
  if (value === undefined) return "a table, a date or a time";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? "a text" : String(value);
}
