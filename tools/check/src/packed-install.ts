import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleClient, installClient, installedVersion } from "./packed/client-project.ts";
import { type PackedPackage, packAll, publishedPackages, run } from "./packed/pack.ts";
import { cuttingRelay } from "./packed/relay.ts";
import { serveBy } from "./packed/served.ts";

/*
 * An outsider's projects: pack what is published, install the tarballs with npm, pnpm and yarn and what the registry has, and use them as
 * people do. Everything by the command line and the library on each Node that the manifests promise; the client alone on those, on
 * Bun and on Deno, through a line that is lost, by `require`, and bundled. Needs the network, so `npm test` leaves it out.
 */

/** The oldest that the manifests allow, then the newest of each line that is supported; as npm writes versions. */
const NODE_VERSIONS = ["22.15.0", "22", "24"];

/** Bytes that come back on a connection before it is cut: in the middle of the longest output. */
const CUT_AFTER_BYTES = 200_000;

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

/** What packages need beside them. */
function expected(): Readonly<Record<string, string>> {
  const all = publishedPackages().flatMap(({ manifest }) => {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest as Expecting;
    return Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional !== true);
  });
  return Object.fromEntries(all);
}

interface Expecting {
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Every published package in one project, as each package manager is told to take the tarballs. */
function makeProject(folder: string, packed: readonly PackedPackage[], packageManager: string | undefined): void {
  const own = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const told = { overrides: own, resolutions: own, pnpm: { overrides: own } };
  // An adapter expects what it adapts to; not every package manager brings that by itself.
  const dependencies = { ...expected(), ...own };
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "outsider", private: true, packageManager, dependencies, ...told }),
  );
  writeFileSync(join(folder, "smoke.mjs"), SMOKE.replace("ENTRIES", JSON.stringify(entries())));
}

/** Yarn looks for the name of a package manager up to the root of the file system, unless its project has one. */
const YARN = "yarn@1.22.22";

const MANAGERS: readonly { readonly name: string; readonly command: readonly [string, ...string[]] }[] = [
  { name: "npm", command: ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"] },
  { name: "pnpm", command: ["pnpm", "install", "--ignore-workspace", "--no-lockfile", "--silent"] },
  {
    name: "yarn",
    command: [
      "npx",
      "--yes",
      "--package",
      YARN,
      "yarn",
      "install",
      "--silent",
      "--no-lockfile",
      "--cache-folder",
      ".cache",
    ],
  },
];

/** @returns the project that npm installed. */
function installEverything(folder: string, packed: readonly PackedPackage[]): string {
  for (const { name, command } of MANAGERS) {
    const [program, ...args] = command;
    const project = join(folder, name);
    makeProject(project, packed, name === "yarn" ? YARN : undefined);
    run(program, args, project);
    process.stdout.write(`${name}, ${run(process.execPath, ["smoke.mjs"], project)}`);
    const said = run(process.execPath, ["node_modules/holdfast/bin/holdfast.mjs", "exec", "--", "echo", "hi"], project);
    if (said !== "hi\n") throw new Error(`the installed program printed ${JSON.stringify(said)}`);
  }
  return join(folder, "npm");
}

function nodesRun(project: string): void {
  for (const version of NODE_VERSIONS) {
    const by = (...args: readonly string[]) =>
      run("npx", ["--yes", "--package", `node@${version}`, "node", ...args], project);
    process.stdout.write(by("smoke.mjs"));
    const said = by("node_modules/holdfast/bin/holdfast.mjs", "exec", "--", "echo", "hi");
    if (said !== "hi\n") throw new Error(`the installed program printed ${JSON.stringify(said)}`);
  }
  const said = run(join(project, "node_modules/.bin/holdfast"), ["exec", "--", "echo", "hi"], project);
  if (said !== "hi\n") throw new Error(`the installed program printed ${JSON.stringify(said)}`);
}

/** Run a program to its end while this one relays its connection. */
async function runBeside(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}`);
}

async function useClient(folder: string, program: string): Promise<void> {
  const newest = ["--yes", "--package", "node@24", "node"];
  const oldest = ["--yes", "--package", `node@${NODE_VERSIONS[0]}`, "node"];
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", "--no-save", "bun", "deno"], folder);
  await using server = await serveBy(program, folder);
  const runtimes: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
    ["the oldest Node", "npx", ...oldest, "client.mjs"],
    ["Node 24", "npx", ...newest, "client.mjs"],
    ["Node, bundled", "npx", ...newest, "bundled.mjs"],
    [`Bun ${installedVersion(folder, "bun")}`, "node_modules/.bin/bun", "client.mjs"],
    [`Deno ${installedVersion(folder, "deno")}`, "node_modules/.bin/deno", "run", "--allow-all", "client.mjs"],
  ];
  for (const [name, runtime, ...args] of runtimes) {
    await using relay = await cuttingRelay(server.port, CUT_AFTER_BYTES);
    process.stdout.write(`${name}: `);
    await runBeside(runtime, [...args, `ws://127.0.0.1:${relay.port}`, folder], folder);
    if (!relay.isCut) throw new Error(`${name}: the line was not lost`);
  }
  for (const node of [oldest, newest]) {
    // Node 22.15 to 23 warn where a module is required.
    run("npx", [...node, "--no-warnings", "requiring.cjs"], folder);
  }
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
try {
  const tarballs = join(folder, "tarballs");
  mkdirSync(tarballs);
  const packed = packAll(tarballs);
  const everything = installEverything(folder, packed);
  nodesRun(everything);
  const alone = join(folder, "alone");
  mkdirSync(alone);
  installClient(alone, packed);
  await bundleClient(alone);
  await useClient(alone, join(everything, "node_modules/holdfast/bin/holdfast.mjs"));
  console.log(`${packed.length} packages install and are used`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
