import type { Release } from "@holdfast/reference-peer";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { startReferenceExecutor } from "../reference-executor.ts";
import type { ServedExecutor } from "../served-executor.ts";
import { WireLine } from "../wire-line.ts";
import { serveAs, users } from "./as-user.ts";
import { ROWS } from "./attempts.ts";
import { COLUMNS, type Column, VARIANTS } from "./columns.ts";
import { FILE_ROWS, runFileColumn } from "./file-attempts.ts";
import { makePlayground, type Playground } from "./playground.ts";
import { runColumn } from "./run-column.ts";
import { type CellVerdict, compare, leakIn } from "./verdict.ts";

type Answers = ReadonlyMap<string, string>;

interface Peer {
  readonly name: string;
  serve(playground: Playground, uid: number): Promise<ServedExecutor>;
}

const OURS: Peer = {
  name: "holdfast",
  serve: (playground, uid) => startHoldfastExecutor(playground.workspace, serveAs(uid, playground)),
};

function reference(release: Release): Peer {
  return {
    name: `codex ${release.version}`,
    serve: (playground, uid) => startReferenceExecutor(release, playground.workspace, serveAs(uid, playground)),
  };
}

/** What is run under each column: the probe as a process, or file operations. */
interface Suite {
  readonly title: string;
  readonly rows: readonly { readonly id: string }[];
  run(line: WireLine, column: Column, playground: Playground): Promise<Answers>;
}

const SUITES: readonly Suite[] = [
  { title: "process/start", rows: ROWS, run: runColumn },
  { title: "fs/*", rows: FILE_ROWS, run: runFileColumn },
];

/** A fresh playground for every column, so that no attempt sees what another profile allowed. */
async function answersOf(suite: Suite, peer: Peer, column: Column, uid: number): Promise<Answers> {
  await using playground = await makePlayground(uid);
  await using executor = await peer.serve(playground, uid);
  await using line = await WireLine.open(executor.url);
  return await suite.run(line, column, playground);
}

const MARKS: Readonly<Record<CellVerdict["comparison"], string>> = {
  equal: "",
  stricter: "+",
  weaker: "WEAKER",
  unexplained: "DIFFERS",
};

/** The notes of a table, numbered as they come. */
class Notes {
  readonly #texts: string[] = [];

  numberOf(text: string): number {
    const known = this.#texts.indexOf(text);
    return known === -1 ? this.#texts.push(text) : known + 1;
  }

  get lines(): string[] {
    return this.#texts.map((text, at) => `  ${at + 1}. ${text}`);
  }
}

interface Cell {
  readonly text: string;
  readonly comparison: CellVerdict["comparison"] | "absent";
}

function cellOf(row: string, column: string, ours: string, theirs: string | undefined, notes: Notes): Cell {
  if (theirs === undefined) return { text: `->${ours}`, comparison: "absent" };
  const { comparison, reason } = compare(row, column, ours, theirs);
  const leak = leakIn(row, column, theirs);
  const shown = comparison === "equal" ? theirs : `${theirs}>${ours}`;
  const leaking = leakIn(row, column, ours) === undefined ? "the reference lets through" : "both let through";
  const noted = [reason, leak === undefined ? undefined : `${leaking}: ${leak}`];
  const numbers = noted.flatMap((text) => (text === undefined ? [] : [`[${notes.numberOf(text)}]`]));
  return { text: `${shown}${MARKS[comparison]}${numbers.join("")}`, comparison };
}

const LABEL_CHARS = 30;
const CELL_CHARS = 17;

function lineOf(label: string, cells: readonly string[]): string {
  return `${label.padEnd(LABEL_CHARS)}${cells.map((cell) => cell.padEnd(CELL_CHARS)).join("")}`.trimEnd();
}

async function printSuite(suite: Suite, release: Release, uid: number, print: (line: string) => void): Promise<number> {
  const columns = [...COLUMNS, ...VARIANTS];
  const answers: { readonly ours: Answers; readonly theirs: Answers | undefined }[] = [];
  const notes = new Notes();
  for (const column of columns) {
    const theirs = await answersOf(suite, reference(release), column, uid).catch((error: Error) => {
      notes.numberOf(`${column.name} can't be had from ${release.version}: ${error.message.trim().slice(0, 200)}`);
      return undefined;
    });
    answers.push({ theirs, ours: await answersOf(suite, OURS, column, uid) });
  }
  const counts = { equal: 0, stricter: 0, weaker: 0, unexplained: 0, absent: 0 };
  print(`\n${suite.title}, uid ${uid}: holdfast next to codex ${release.version} (theirs>ours where they differ)`);
  print(
    lineOf(
      "",
      columns.map(({ name }) => name),
    ),
  );
  for (const { id } of suite.rows) {
    const cells = columns.map(({ name }, at) =>
      cellOf(id, name, answers[at]?.ours.get(id) ?? "?", answers[at]?.theirs?.get(id), notes),
    );
    for (const { comparison } of cells) counts[comparison] += 1;
    print(
      lineOf(
        id,
        cells.map(({ text }) => text),
      ),
    );
  }
  for (const line of notes.lines) print(line);
  print(
    `  ${counts.equal} equal, ${counts.stricter} stricter, ${counts.weaker} weaker, ${counts.unexplained} unexplained`,
  );
  return counts.weaker + counts.unexplained;
}

/**
 * Print the truth table of both peers side by side, for every user that can be had here.
 *
 * @returns Whether every cell is equal, or stricter for a reason that is known.
 */
export async function printSandboxTable(releases: readonly Release[], print: (line: string) => void): Promise<boolean> {
  let bad = 0;
  for (const release of releases) {
    for (const uid of users()) {
      for (const suite of SUITES) bad += await printSuite(suite, release, uid, print);
    }
  }
  return bad === 0;
}
