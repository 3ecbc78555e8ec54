import { execFile } from "node:child_process";
import { promisify } from "node:util";

const runProgram = promisify(execFile);

/** What is downloaded, and what lies on the disk. */
export interface PackedSize {
  readonly packedKib: number;
  readonly unpackedKib: number;
  readonly files: number;
}

/** The package in this folder, as npm packs it. */
export async function packedSize(folder: string): Promise<PackedSize> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await runProgram("npm", args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  const told: unknown = JSON.parse(stdout);
  // npm 12 names the packages, older ones list them.
  const [first] = Object.values(told as Record<string, unknown>);
  const { size, unpackedSize, entryCount } = first as { size: number; unpackedSize: number; entryCount: number };
  return { packedKib: size / 1024, unpackedKib: unpackedSize / 1024, files: entryCount };
}
