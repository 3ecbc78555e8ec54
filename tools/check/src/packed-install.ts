import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packAll, publishedPackages, run } from "./packed/pack.ts";

/*
 * Pack what is published, install the tarballs as a user would, with npm and what the registry has, and run a command by them: once
 * by the command line, once by the library, on each Node that the manifests promise. Needs the network, so `npm test` leaves it out.
 */

/** The oldest that the manifests allow, then the newest of each line that is supported; as npm writes versions. */
const NODE_VERSIONS = ["22.15.0", "22", "24"];

/** Imports every entry of every package, and runs a command on an executor that is joined over memory. */
const SMOKE = `
const entries = ENTRIES;
for (const entry of entries) await import(entry);
const { connect } = await import("@holdfast/exec-client");
const { createExecutor } = await import("@holdfast/executor");
const { memoryLink } = await import("@holdfast/rpc/memory");
const [near, far] = memoryLink();
const host = createExecutor({ env: process.env, cwd: process.cwd(), version: "0.0.0" });
host.accept(far);
const executor = await connect(near, { clientName: "smoke" });
const { exitCode, stdout } = await executor.run(["sh", "-c", "cat /dev/fd/0; echo hi"]);
await executor.close();
await host.close();
if (exitCode !== 0 || stdout !== "hi\\n") throw new Error("the command ended with " + exitCode + " and printed " + stdout);
console.log(process.version + ": " + entries.length + " entries load, a command runs");
`;

/** Of every package but the suites for implementers, which bring a test runner. */
function entries(): readonly string[] {
  return publishedPackages().flatMap(({ name, manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((path) => path !== "./package.json" && path !== "./testing")
      .map((path) => name + path.slice(1)),
  );
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
try {
  const packed = packAll(folder);
  const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies, overrides: dependencies }));
  writeFileSync(join(folder, "smoke.mjs"), SMOKE.replace("ENTRIES", JSON.stringify(entries())));
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  for (const version of NODE_VERSIONS) {
    const by = (...args: readonly string[]) =>
      run("npx", ["--yes", "--package", `node@${version}`, "node", ...args], folder);
    process.stdout.write(by("smoke.mjs"));
    const said = by("node_modules/holdfast/bin/holdfast.mjs", "exec", "--", "echo", "hi");
    if (said !== "hi\n") throw new Error(`the installed program printed ${JSON.stringify(said)}`);
  }
  const said = run(join(folder, "node_modules/.bin/holdfast"), ["exec", "--", "echo", "hi"], folder);
  if (said !== "hi\n") throw new Error(`the installed program printed ${JSON.stringify(said)}`);
  console.log(`${packed.length} packages install and run a command`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
