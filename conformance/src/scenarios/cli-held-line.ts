import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BadLine } from "@holdfast/testkit";
import { execCommand, sessionIdOf, toolCall } from "../conversation.ts";
import { startHeldLine } from "../held-line.ts";
import type { CliContext, CliScenario } from "../scenario.ts";

const EXIT_CODE = 4;
/** The command tells when it has printed so many lines; the line goes away then. */
const LOST_AT = 10;

/** The longest of these outages, and what a slow machine needs besides. */
const TIMEOUT_MS = 180_000;

interface Outage {
  readonly seconds: number;
  /** How many lines the command prints, one each half second. */
  readonly lines: number;
  /** How often the model asks for more. */
  readonly polls: number;
}

function commandOf({ lines }: Outage): string {
  return `i=0
while [ $i -lt ${lines} ]; do
  i=$((i+1)); echo mark-$i-; touch printed-$i; sleep 0.5
done
exit ${EXIT_CODE}`;
}

/** Take the line away at its mark, and let it come back after a while. */
async function loseLine(line: BadLine, folder: string, seconds: number, signal: AbortSignal): Promise<void> {
  while (!existsSync(join(folder, `printed-${LOST_AT}`))) {
    if (signal.aborted) return;
    await delay(20);
  }
  line.refuse();
  line.cut();
  await delay(seconds * 1_000, undefined, { signal }).catch(() => {});
  line.admit();
}

async function runThrough(context: CliContext, outage: Outage): Promise<void> {
  await using executor = await context.serve();
  await using line = await BadLine.to(executor.url);
  await using held = await startHeldLine(line.url, context.folder);
  const over = new AbortController();
  const losing = loseLine(line, context.folder, outage.seconds, over.signal);
  try {
    const polls = Array.from({ length: outage.polls }, (_, index) => `poll-${index}`);
    const turns = [
      () => [execCommand("first", commandOf(outage), { yield_time_ms: 1_000 })],
      ...polls.map((id) => (request: Parameters<typeof sessionIdOf>[0]) => [
        toolCall(id, "write_stdin", {
          session_id: sessionIdOf(request, "first"),
          chars: "",
          yield_time_ms: 30_000,
        }),
      ]),
      () => [execCommand("next", "echo the next one")],
    ];
    const { outputs } = await context.converse(held.url, turns, { timeoutMs: TIMEOUT_MS });
    const output = ["first", ...polls].map((id) => outputs.get(id) ?? "").join("\n");
    const expected = Array.from({ length: outage.lines }, (_, index) => `mark-${index + 1}-`);
    assert.deepEqual(output.match(/mark-\d+-/g), expected, output);
    assert.ok(output.includes(`Process exited with code ${EXIT_CODE}`), output);
    assert.ok(outputs.get("next")?.includes("the next one"), outputs.get("next"));
  } finally {
    over.abort();
    await losing;
  }
  assert.ok(line.refusedCount > 0, "nobody tried for another line meanwhile");
}

export const CLI_HELD_LINE: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.held-line",
    sentence: "behind holdfast connect, a command whose line is away for 5 s loses nothing, and the next one works",
    requirements: ["session.resume"],
    essential: true,
    run: (context) => runThrough(context, { seconds: 5, lines: 24, polls: 1 }),
  },
  {
    direction: "cli",
    id: "cli.held-line-60s",
    sentence: "behind holdfast connect, a command whose line is away for 60 s loses nothing, and the next one works",
    requirements: ["session.resume"],
    essential: false,
    run: (context) => runThrough(context, { seconds: 60, lines: 140, polls: 3 }),
  },
];
