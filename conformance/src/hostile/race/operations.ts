import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runConfined } from "../../sandbox/run-column.ts";
import type { Random } from "../../soak/random.ts";
import { uriOf } from "../../start-params.ts";
import type { WireLine } from "../../wire-line.ts";
import { runProgram } from "../program.ts";
import { agentSandbox, nestedSandboxes } from "./profiles.ts";
import { ARENA, NAMES, SECRET, type World } from "./world.ts";

/** What operations work with. */
export interface Workbench {
  readonly world: World;
  readonly random: Random;
  readonly line: WireLine;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** A promise was broken: how. */
  broken(how: string): void;
  /** A number that nobody else gets. */
  next(): number;
}

/** Something that a user or a client does meanwhile. Resolves to whether it was let through. */
export type Operation = (bench: Workbench) => Promise<boolean>;

const CALL_MS = 30_000;
/** Everything that a command could try, in one go: outside, into what is kept, and at what is denied. */
const TRY_ALL =
  'for f in outside/file outside/new home/.profile project/kept/deep/file project/.git/config safe/new; do echo hostile >> "$0/$f"; done; ' +
  'cat "$0"/project/conf/deep/key "$0"/project/vault/key "$0"/project/certs/*.pem "$0"/project/*/*/key "$0"/project/*/key "$0"/project/*/*.pem "$0"/*/n?/key; ' +
  'mv "$0/project/conf" "$0/project/c/n0"; mv "$0/project/certs" "$0/project/c/n1"; mv "$0/project/kept" "$0/project/c/n2"; rmdir "$0/project/c/n3"';

function anyPath({ world, random }: Workbench): string {
  const folder = join(world.root, random.pick(ARENA));
  const path = join(folder, random.pick(NAMES));
  return random.between(0, 2) === 0 ? join(path, random.pick(NAMES)) : path;
}

/** One file operation under the agents' profile. */
function fileOperation(method: string, paramsOf: (bench: Workbench) => object): Operation {
  return async (bench) => {
    const { error, result } = await bench.line.call(
      method,
      { ...paramsOf(bench), sandbox: agentSandbox(bench.world) },
      CALL_MS,
    );
    const text = result?.dataBase64;
    if (typeof text === "string" && Buffer.from(text, "base64").includes(SECRET))
      bench.broken(`${method} read a secret`);
    return error === undefined;
  };
}

const dataBase64 = Buffer.from("written by an operation\n").toString("base64");

/** A confined command that tries everything, under the agents' profile or one with more carved out of it. */
const confinedStart: Operation = async ({ world, random, line, broken, env }) => {
  const sandbox = random.pick([agentSandbox(world), ...nestedSandboxes(world)]);
  const argv = ["/bin/sh", "-c", TRY_ALL, world.root];
  const ran = await runConfined(line, world.work, { argv, env: { PATH: "/usr/bin:/bin", ...env }, sandbox }, CALL_MS);
  if (ran.output.includes(SECRET)) broken(`a confined command read a secret: ${ran.output.slice(0, 200)}`);
  return ran.exitCode !== -1;
};

/** Standard input of a command, confined or not, arrives as it was given. */
const commandInput: Operation = async ({ world, random, url, env, broken }) => {
  const input = random.bytes(random.pick([1, 1_000, 300_000]));
  const sandbox = random.pick([[], ["--sandbox", "workspace-write"]] as const);
  const stdin = random.pick([[], ["--stdin=file"]] as const);
  const words = ["exec", "--url", url, ...sandbox, ...stdin, "--cwd", world.work, "--", "sha256sum"];
  const { exitCode, stdout, stderr } = await runProgram(words, { cwd: world.safe, env, input });
  const expected = createHash("sha256").update(input).digest("hex");
  if (exitCode !== 0) return false;
  if (!stdout.toString().startsWith(expected)) broken(`a command got other input than was given: ${stdout} ${stderr}`);
  return true;
};

/** A copy into the workspace: whatever becomes of it there, nothing happens elsewhere. */
const copyIntoWorkspace: Operation = async (bench) => {
  const { world, random, url, env } = bench;
  // Few names, so that copies meet what an earlier one brought and agents have worked on since.
  const target = `remote:${join(world.work, `up${random.between(0, 5)}`)}`;
  const words = random.pick<readonly string[]>([
    ["cp", "-r", "--url", url, world.source, target],
    ["cp", "-r", "--url", url, `${world.source}/.`, target],
    ["cp", "--url", url, join(world.source, "large"), `${target}.file`],
  ]);
  return (await runProgram(words, { cwd: world.safe, env })).exitCode === 0;
};

/** A copy to a folder that local agents may write. */
const copyIntoLocal: Operation = async ({ world, random, url, env }) => {
  const target = join(world.local, `down${random.between(0, 5)}`);
  const words = random.pick<readonly string[]>([
    ["cp", "-r", "--url", url, `remote:${world.source}`, target],
    ["cp", "-r", "--url", url, `remote:${world.source}/.`, target],
    ["cp", "--url", url, `remote:${join(world.source, "large")}`, `${target}.file`],
  ]);
  return (await runProgram(words, { cwd: world.safe, env })).exitCode === 0;
};

/** A copy where nobody interferes has every byte. */
const copyIntoSafety: Operation = async ({ world, url, env, random, broken, next }) => {
  const target = join(world.safe, `copy${next()}`);
  const words = random.pick<readonly string[]>([
    ["cp", "-r", "--url", url, world.source, `remote:${target}`],
    ["cp", "-r", "--url", url, `remote:${world.source}`, target],
  ]);
  const { exitCode, stderr } = await runProgram(words, { cwd: world.safe, env });
  if (exitCode !== 0) {
    broken(`a copy in peace failed: ${stderr.slice(0, 300)}`);
    return false;
  }
  for (const [name, bytes] of world.sourceFiles) {
    if (!(await readFile(join(target, name))).equals(bytes)) broken(`${name} was copied with wrong bytes`);
  }
  return true;
};

/** Operations by name. The listed weight says how often one is drawn. */
export const OPERATIONS: readonly (readonly [name: string, weight: number, operation: Operation])[] = [
  ["fs/writeFile", 6, fileOperation("fs/writeFile", (bench) => ({ path: uriOf(anyPath(bench)), dataBase64 }))],
  [
    "fs/createDirectory",
    3,
    fileOperation("fs/createDirectory", (bench) => ({ path: uriOf(anyPath(bench)), recursive: true })),
  ],
  [
    "fs/remove",
    3,
    fileOperation("fs/remove", (bench) => ({ path: uriOf(anyPath(bench)), recursive: true, force: true })),
  ],
  [
    "fs/copy",
    4,
    fileOperation("fs/copy", (bench) => ({
      sourcePath: uriOf(anyPath(bench)),
      destinationPath: uriOf(anyPath(bench)),
      recursive: true,
    })),
  ],
  ["fs/readFile", 6, fileOperation("fs/readFile", (bench) => ({ path: uriOf(anyPath(bench)) }))],
  ["fs/readDirectory", 3, fileOperation("fs/readDirectory", (bench) => ({ path: uriOf(anyPath(bench)) }))],
  ["fs/getMetadata", 3, fileOperation("fs/getMetadata", (bench) => ({ path: uriOf(anyPath(bench)) }))],
  ["confined command", 10, confinedStart],
  ["standard input", 3, commandInput],
  ["cp into the workspace", 4, copyIntoWorkspace],
  ["cp from the executor", 4, copyIntoLocal],
  ["cp in peace", 1, copyIntoSafety],
];
