import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packAll, run } from "./packed/pack.ts";

/*
 * Pack the client and what it stands on, install the tarballs as a user would, and compile what users write against them, with each
 * TypeScript that is supported and without `skipLibCheck`. Needs the network, so `npm test` leaves it out.
 */

/** The oldest that knows bytes by their memory, the last one in JavaScript, and the newest. */
const VERSIONS = ["5.7", "5.9", "7"];
const RESOLUTIONS = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];
const CLIENT = ["exec-client", "exec-server-protocol", "path-uri", "permission-profile", "protocol-kit", "rpc"];

/** What a wrapper around the client has to name. */
const CONSUMER = `import {
  CommandFailedError,
  connect,
  displayPath,
  ERROR_CODES,
  type Clock,
  type Executor,
  type FileSystemSandboxContext,
  type FramePort,
  isFileError,
  isStartError,
  type PathUri,
  type PortClose,
  RunInterruptedError,
  type RunOptions,
  type RunResult,
  toNativePath,
} from "@holdfast/exec-client";

declare const executor: Executor;
export const sh = (script: string, options?: RunOptions): Promise<RunResult> => executor.run(["sh", "-c", script], options);
export const bytes: Promise<RunResult<Uint8Array<ArrayBuffer>>> = executor.run(["x"], { encoding: "bytes" });
export const partialOf = (error: unknown): string => (error instanceof RunInterruptedError ? error.partial.stdout : "");
export const codeOf = (error: unknown): string | undefined =>
  isFileError(error) || isStartError(error) ? error.code : error instanceof CommandFailedError ? error.code : undefined;
export async function use(): Promise<void> {
  const { stdout } = await executor.run(["x"], { check: true, cwd: new URL("file:///tmp") });
  const text: string = stdout;
  const data: Uint8Array<ArrayBuffer> = await executor.fs.readFile("/x");
  const cwd: PathUri | undefined = executor.environment.cwd;
  if (cwd !== undefined) toNativePath(cwd, "posix");
  void [text, data, displayPath, ERROR_CODES.NotFound, connect];
}
export type Named = [Clock, FileSystemSandboxContext, FramePort, PortClose];
`;

/** What the platform's streams and blobs take. */
const PLATFORM = `import type { Executor } from "@holdfast/exec-client";
declare const executor: Executor;
export async function use(): Promise<void> {
  await using process = await executor.processes.start({ argv: ["x"] });
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) void (text satisfies string);
  void new Response(process.stderr);
  void new Blob([(await executor.run(["x"], { encoding: "bytes" })).stdout]);
  await executor.fs.createReadStream("/x").pipeThrough(new CompressionStream("gzip")).pipeTo(executor.fs.createWriteStream("/y"));
}
`;

/** What the entries for Node take and give. */
const ENTRIES = `import { connect, type Executor } from "@holdfast/exec-client";
import { upload } from "@holdfast/exec-client/transfer";

export async function use(url: string): Promise<void> {
  await using executor: Executor = await connect(url, { token: "t" });
  const bytes: Uint8Array<ArrayBuffer> = await executor.fs.readFile("/etc/hostname");
  await executor.fs.writeFile("/tmp/copy", bytes);
  await upload(executor, "here", "/there");
}
`;

const FILES = { "consumer.ts": CONSUMER, "platform.ts": PLATFORM, "entries.ts": ENTRIES };

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "es2022",
  lib: ["es2023", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"],
  types: ["node"],
};

const folder = mkdtempSync(join(tmpdir(), "holdfast-types-"));
try {
  const needed = packAll(folder).filter(({ name }) => CLIENT.some((each) => name === `@holdfast/${each}`));
  const dependencies = Object.fromEntries(needed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const compilers = Object.fromEntries(
    VERSIONS.map((version) => [`typescript-${version}`, `npm:typescript@${version}`]),
  );
  const devDependencies = { ...compilers, "@types/node": "22" };
  const manifest = { private: true, type: "module", dependencies, devDependencies, overrides: dependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  for (const resolution of RESOLUTIONS) {
    const compilerOptions = { ...OPTIONS, ...resolution };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(FILES) }));
    for (const version of VERSIONS) run("node", [`node_modules/typescript-${version}/bin/tsc`, "-p", "."], folder);
    console.log(`the client compiles with TypeScript ${VERSIONS.join(", ")} under ${resolution.moduleResolution}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
