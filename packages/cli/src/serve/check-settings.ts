import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_OK, EXIT_USAGE, reasonOf, UsageError } from "../command-line/failure.ts";
import { printable, printableJson, printableLines } from "../command-line/printable.ts";
import { keyOf, LIMIT_NAMES, SETTABLE_OPTIONS } from "./config/config-keys.ts";
import type { ConfiguredWords, Origin } from "./config/configured-words.ts";
import { Secrets } from "./secrets.ts";
import { DEFAULT_LISTEN, type ServeSettings, serveSettings } from "./settings.ts";

interface Row {
  /** As a configuration file calls it. */
  readonly key: string;
  readonly value: string | boolean | readonly string[] | null;
  readonly from: Origin;
}

/** What holds where nothing is said; of others there is nothing then. */
const DEFAULTS: Readonly<Record<string, string>> = {
  listen: DEFAULT_LISTEN,
  "session-ttl": "120",
  "command-processes": "4096",
  "ws-max-clock-skew-seconds": "30",
  "log-level": "off",
  "log-format": "text",
};

const GAP = "  ";

/**
 * `serve --check`: say what would be served, and read what would be read for it. Nothing listens, and nothing is made.
 *
 * @returns the exit code. An error is thrown instead, unless it is to be JSON.
 */
export async function checkSettings(
  words: ConfiguredWords,
  context: Context,
  { asJson }: { readonly asJson: boolean },
): Promise<number> {
  const settings = rowsOf(words);
  try {
    await tryOut(serveSettings(words, context));
  } catch (thrown) {
    if (!asJson) throw thrown;
    const error = reasonOf(words.inWordsOfFile(thrown));
    context.stdout.write(printableJson({ ok: false, error, config: words.file ?? null, settings }));
    return thrown instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
  }
  const text = asJson ? printableJson({ ok: true, config: words.file ?? null, settings }) : tableOf(settings);
  context.stdout.write(printableLines(text));
  return EXIT_OK;
}

/** @throws CommandFailure something is missing that the start would need. */
async function tryOut({ access, spool }: ServeSettings): Promise<void> {
  await Secrets.read(access);
  if (spool !== undefined) await checkSpoolFolder(spool.directory);
}

async function checkSpoolFolder(directory: string): Promise<void> {
  const place = await nearestThere(directory);
  try {
    if (!(await stat(place)).isDirectory()) throw new Error(`${place} is no folder`);
    await access(place, constants.W_OK);
  } catch (error) {
    throw new CommandFailure(
      `--spool ${directory} can't be used: ${reasonOf(error)}; name a folder that you can write`,
      {
        cause: error,
      },
    );
  }
}

/** The folder, or the one above it in which it would be made. */
async function nearestThere(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearestThere(dirname(path));
  }
}

function rowsOf(words: ConfiguredWords): readonly Row[] {
  const options = SETTABLE_OPTIONS.map(([option, { kind }]): Row => {
    const value = kind === "switch" ? words.has(option) : kind === "texts" ? words.texts(option) : words.text(option);
    const isMeant = option !== "listen" || words.text("remote") === undefined;
    const byDefault = isMeant ? DEFAULTS[option] : undefined;
    return { key: keyOf(option), value: value ?? byDefault ?? null, from: words.originOf(option) };
  });
  const set = new Map(
    (words.text("limits") ?? "").split(",").map((setting) => [...setting.split("=")] as [string, string]),
  );
  const limits = LIMIT_NAMES.filter((name) => set.has(name)).map(
    (name): Row => ({ key: `limits.${name}`, value: set.get(name) ?? null, from: words.originOfLimit(name) }),
  );
  return [...options, ...limits];
}

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ key, value, from }) => [key, shownValue(value), shownOrigin(from)] as const);
  const head = ["SETTING", "VALUE", "FROM"] as const;
  const [first = 0, second = 0] = [0, 1].map((column) =>
    Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...cells]
    .map(
      ([key, value, from]) =>
        `${printable(key.padEnd(first))}${GAP}${printable(value.padEnd(second))}${GAP}${printable(from)}\n`,
    )
    .join("");
}

function shownValue(value: Row["value"]): string {
  if (value === null) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? value : value.length === 0 ? "-" : value.join(" ");
}

function shownOrigin(from: Origin): string {
  if (from.kind === "file") return `${from.file}:${from.line}`;
  return from.kind === "option" ? "option" : "default";
}
