import { isExpired, readTokensFile, type TokenEntry } from "@holdfast/relay/tokens";
import { alignColumns } from "../command-line/align-columns.ts";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import { withTokensFile } from "./tokens-file.ts";

/** `holdfast relay tokens` */
export async function tokens({ stdout }: Pick<Context, "stdout">, args: Arguments, path: string): Promise<number> {
  const { entries } = await withTokensFile(() => readTokensFile(path));
  const rows = entries.map((entry) => rowOf(entry, Date.now()));
  stdout.write(printableLines(args.has("json") ? printableJson({ tokens: rows }) : tableOf(rows)));
  return EXIT_OK;
}

function rowOf(entry: TokenEntry, now: number) {
  const { name, id, role, environment, createdAt, expiresAt } = entry;
  return {
    name,
    id,
    role,
    environment,
    created: shown(createdAt),
    expires: expiresAt === undefined ? null : shown(expiresAt),
    expired: isExpired(entry, now),
  };
}

function tableOf(rows: readonly ReturnType<typeof rowOf>[]): string {
  const cells = rows.map(({ name, id, role, environment, created, expires, expired }) => [
    name,
    id,
    role,
    environment,
    created,
    expires === null ? "never" : expired ? `${expires} (expired)` : expires,
  ]);
  return alignColumns([["NAME", "ID", "ROLE", "ENVIRONMENT", "CREATED", "EXPIRES"], ...cells]);
}

function shown(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
