import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Row, type RowContext, Unsupported } from "../row.ts";
import { median } from "../statistics.ts";
import { HOLDFAST } from "../target.ts";

/** As `publishConfig.exports` of the client names it. */
const CLIENT = new URL("../../../packages/exec-client/dist/bundle/index.js", import.meta.url).href;
const EXECA = import.meta.resolve("execa");
const SAMPLES = 7;
const runProgram = promisify(execFile);

/** What one fresh process took: CPU time, user and system, of its whole life; the wall from before the import. */
interface Taken {
  readonly cpuMs: number;
  readonly residentMib: number;
  readonly wallMs: number;
}

/** Run a module in a Node of its own, which tells what it took. */
async function taken(program: string): Promise<Taken> {
  const source = `const begin = performance.now();
${program}
const wallMs = performance.now() - begin;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ cpuMs: (user + system) / 1e3, residentMib: process.memoryUsage.rss() / 2 ** 20, wallMs }));
process.exit();`;
  const { stdout } = await runProgram(process.execPath, ["--input-type=module", "--eval", source]);
  return JSON.parse(stdout) as Taken;
}

/** The programs in turns; per program and member, the median. */
async function inTurns<Name extends string>(
  { target, smoke }: RowContext,
  programs: Readonly<Record<Name, string>>,
): Promise<Record<Name, Taken>> {
  if (target.name !== HOLDFAST) throw new Unsupported("brings no client library");
  const names = Object.keys(programs) as Name[];
  const samples = new Map<Name, Taken[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < (smoke ? 1 : SAMPLES); turn++) {
    for (const [name, seen] of samples) seen.push(await taken(programs[name]));
  }
  const of = (name: Name, member: keyof Taken) => median((samples.get(name) ?? []).map((sample) => sample[member]));
  return Object.fromEntries(
    names.map((name) => [
      name,
      { cpuMs: of(name, "cpuMs"), residentMib: of(name, "residentMib"), wallMs: of(name, "wallMs") },
    ]),
  ) as Record<Name, Taken>;
}

const IMPORTS = { bare: "", client: `await import("${CLIENT}");`, execa: `await import("${EXECA}");` };

/** CPU time that the import adds to a Node that does nothing. */
export const importCpu: Row = {
  id: "import",
  title: "`import` of the client, CPU above bare Node",
  unit: "ms",
  target: 120,
  better: "lower",
  async measure(context) {
    const { bare, client, execa } = await inTurns(context, IMPORTS);
    const above = client.cpuMs - bare.cpuMs;
    context.note(
      `execa ${(execa.cpuMs - bare.cpuMs).toFixed(0)} ms; whole processes: client ${client.cpuMs.toFixed(0)}, execa ${execa.cpuMs.toFixed(0)}, bare Node ${bare.cpuMs.toFixed(0)} ms`,
    );
    return above;
  },
};

/** Memory that the import adds to a Node that does nothing. */
export const importMemory: Row = {
  id: "import-memory",
  title: "`import` of the client, resident above bare Node",
  unit: "MiB",
  target: 16,
  better: "lower",
  async measure(context) {
    const { bare, client, execa } = await inTurns(context, IMPORTS);
    context.note(
      `execa ${(execa.residentMib - bare.residentMib).toFixed(1)} MiB; whole processes: client ${client.residentMib.toFixed(1)}, execa ${execa.residentMib.toFixed(1)}, bare Node alone ${bare.residentMib.toFixed(1)} MiB`,
    );
    return client.residentMib - bare.residentMib;
  },
};

/** Import, connect and the first run of a fresh program, beside import and the first run by execa on the same machine. */
export const firstRun: Row = {
  id: "first-run",
  title: "import, connect and first `run`, wall",
  unit: "ms",
  better: "lower",
  async measure(context) {
    const { client, execa } = await inTurns(context, {
      client: `const { connect } = await import("${CLIENT}");
const executor = await connect(${JSON.stringify(context.target.url)});
await executor.run(["true"]);`,
      execa: `const { execa } = await import("${EXECA}");\nawait execa("true");`,
    });
    context.note(
      `execa ${execa.wallMs.toFixed(0)} ms; CPU of whole processes: client ${client.cpuMs.toFixed(0)}, execa ${execa.cpuMs.toFixed(0)} ms`,
    );
    return client.wallMs;
  },
};
