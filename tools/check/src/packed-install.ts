import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "./workspace.ts";

/*
 * Pack the command line, install the tarball as a user would, with npm and what the registry has, and run a command by it.
 * Needs the network, so `npm test` leaves it out.
 */

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, error }: SpawnSyncReturns<string> = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stdout}`);
  return stdout;
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
try {
  run("pnpm", ["pack", "--pack-destination", folder], join(repositoryRoot, "packages/cli"));
  const [tarball] = globSync("holdfast-*.tgz", { cwd: folder });
  if (tarball === undefined) throw new Error("pnpm pack left no tarball");
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `./${tarball}`], folder);
  const said = run(join(folder, "node_modules/.bin/holdfast"), ["exec", "--", "echo", "hi"], folder);
  if (said !== "hi\n") throw new Error(`the installed program printed ${JSON.stringify(said)}`);
  console.log(`${tarball} installs alone and runs a command`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
