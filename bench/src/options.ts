import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { RELEASES, releaseCache } from "@holdfast/reference-peer";
import { CURVES, ROWS } from "./catalog.ts";
import { readSaved } from "./guard.ts";
import type { Curve, Row } from "./row.ts";
import { HOLDFAST } from "./target.ts";

const RESULTS = new URL("../results/", import.meta.url);

const FLAGS = {
  against: { type: "string", default: "0.144.6,0.171.0" },
  rounds: { type: "string" },
  rows: { type: "string", default: "all" },
  curves: { type: "string", default: "all" },
  smoke: { type: "boolean", default: false },
  save: { type: "boolean", default: false },
  into: { type: "string" },
  guard: { type: "string" },
  factor: { type: "string", default: "1.5" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface Guard {
  readonly saved: ReturnType<typeof readSaved>;
  readonly factor: number;
}

/** What the command line asks for. */
export interface Options {
  readonly targets: readonly string[];
  readonly rows: readonly Row[];
  readonly curves: readonly Curve[];
  readonly rounds: number;
  readonly smoke: boolean;
  /** The folder to write the run to. */
  readonly saveInto: URL | undefined;
  /** A saved run to compare with, and the factor by which a row may be worse. */
  readonly guard: Guard | undefined;
}

/** A command line that can not be followed; the message is for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const { smoke, guard } = values;
  const references = smoke ? cachedReleases() : guard === undefined ? listed(values.against) : [];
  return {
    targets: [HOLDFAST, ...references],
    rows: choose("row", ROWS, values.rows),
    curves: guard === undefined ? choose("curve", CURVES, values.curves) : [],
    rounds: positive("--rounds", values.rounds ?? (smoke ? "1" : "5")),
    smoke,
    saveInto: values.save || values.into !== undefined ? folderOf(values.into) : undefined,
    guard: guard === undefined ? undefined : guardOf(guard, positive("--factor", values.factor)),
  };
}

function guardOf(file: string, factor: number): Guard {
  try {
    return { saved: readSaved(file), factor };
  } catch (cause) {
    throw new UsageError(`--guard can not use ${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function folderOf(path: string | undefined): URL {
  return path === undefined ? RESULTS : pathToFileURL(`${resolve(path)}/`);
}

/** A smoke run downloads nothing, and takes one release that is there. */
function cachedReleases(): readonly string[] {
  return RELEASES.filter((release) => existsSync(join(releaseCache(), release))).slice(-1);
}

function listed(text: string): readonly string[] {
  return text.split(",").filter((item) => item !== "");
}

function choose<T extends { readonly id: string }>(kind: string, all: readonly T[], text: string): readonly T[] {
  if (text === "all") return all;
  if (text === "none") return [];
  const ids = listed(text);
  const unknown = ids.filter((id) => !all.some((item) => item.id === id));
  if (unknown.length > 0) {
    throw new UsageError(`no ${kind} ${unknown.join(", ")}; there are ${all.map(({ id }) => id).join(", ")}`);
  }
  return all.filter(({ id }) => ids.includes(id));
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`${name} takes a number above 0, got ${text}`);
  return value;
}
