import { existsSync } from "node:fs";
import { join } from "node:path";
import { startParams } from "../start-params.ts";
import type { WireLine } from "../wire-line.ts";
import { ROWS, type Row } from "./attempts.ts";
import type { Column } from "./columns.ts";
import type { Playground } from "./playground.ts";
import { parseAnswers, probeProgram } from "./probe.ts";

/** How a confined command ended. */
export interface Ran {
  readonly output: string;
  readonly exitCode: number;
  readonly sandboxDenied: unknown;
  readonly sandboxType: unknown;
}

let processCount = 0;

/** Run a command to its end. A refused start is its error as output, with exit code -1. */
export async function runConfined(
  line: WireLine,
  folder: string,
  params: { readonly argv: readonly string[] } & Readonly<Record<string, unknown>>,
  timeoutMs = 30_000,
): Promise<Ran> {
  processCount += 1;
  const processId = `confined-${processCount}`;
  const start = await line.call("process/start", startParams(folder, { processId, ...params }), timeoutMs);
  if (start.error !== undefined) {
    return { output: start.error.message, exitCode: -1, sandboxDenied: undefined, sandboxType: undefined };
  }
  const exited = await line.notice("process/exited", processId, timeoutMs);
  await line.notice("process/closed", processId, timeoutMs);
  return {
    output: line.outputOf(processId),
    exitCode: Number(exited.params?.exitCode),
    sandboxDenied: exited.params?.sandboxDenied,
    sandboxType: start.result?.sandboxType,
  };
}

/** Environment of a confined command. */
export function environmentOf(playground: Playground): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: playground.home,
    TMPDIR: playground.temporary,
    LC_ALL: "C",
  };
}

/** What the probe's subs know by name. */
export function namesOf(playground: Playground): Record<string, string | number> {
  return {
    workspace: playground.workspace,
    outside: playground.outside,
    temporary: playground.temporary,
    port: playground.port,
    socket: playground.socket,
    mark: playground.mark,
    hostpid: process.pid,
  };
}

function placeOf(playground: Playground, creates: string): string {
  return creates.startsWith("/") ? creates.replace("MARK", playground.mark) : join(playground.root, creates);
}

function settle(row: Row, answer: string, playground: Playground): string {
  if (answer !== "ok" || row.creates === undefined) return answer;
  return existsSync(placeOf(playground, row.creates)) ? answer : "lost";
}

/** Run every attempt under a column's profile. Answers by the row's id. */
export async function runColumn(line: WireLine, column: Column, playground: Playground): Promise<Map<string, string>> {
  const sandbox = column.context(playground);
  const ran = await runConfined(line, playground.workspace, {
    argv: ["/usr/bin/perl", "-e", probeProgram(ROWS, namesOf(playground))],
    env: environmentOf(playground),
    ...(sandbox === undefined ? {} : { sandbox }),
  });
  const answers = parseAnswers(ran.output);
  if (ran.exitCode !== 0 || answers.size !== ROWS.length)
    throw new Error(
      `the probe ended with ${ran.exitCode} after ${answers.size} of ${ROWS.length}: ${ran.output.slice(-300)}`,
    );
  return new Map(ROWS.map((row) => [row.id, settle(row, answers.get(row.id) ?? "", playground)]));
}
