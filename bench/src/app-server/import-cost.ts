import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { median } from "../statistics.ts";

const runProgram = promisify(execFile);

/** What one fresh process took beyond one that does nothing. */
export interface ImportCost {
  /** From before the import until after it. */
  readonly wallMs: number;
  /** User and system. */
  readonly cpuMs: number;
  /** Heap that is in use when the garbage has been collected. */
  readonly heapMib: number;
}

async function taken(program: string): Promise<ImportCost> {
  const source = `const begin = performance.now();
${program}
const wallMs = performance.now() - begin;
const { user, system } = process.cpuUsage();
gc();
console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1e3, heapMib: process.memoryUsage().heapUsed / 2 ** 20 }));
process.exit();`;
  const { stdout } = await runProgram(process.execPath, ["--expose-gc", "--input-type=module", "--eval", source]);
  return JSON.parse(stdout) as ImportCost;
}

/** The import of a module in a Node of its own, in turns with one that imports nothing; medians. */
export async function importCost(specifier: string, rounds: number): Promise<ImportCost> {
  const bare: ImportCost[] = [];
  const loaded: ImportCost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await taken(""));
    loaded.push(await taken(`await import(${JSON.stringify(specifier)});`));
  }
  const above = (member: keyof ImportCost): number =>
    median(loaded.map((each) => each[member])) - median(bare.map((each) => each[member]));
  return { wallMs: above("wallMs"), cpuMs: above("cpuMs"), heapMib: above("heapMib") };
}
