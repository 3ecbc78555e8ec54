import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { problemAffectsResolutionKind, problemKindInfo } from "@arethetypeswrong/core/problems";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { contentProblems } from "./packed/contents.ts";
import { packAll } from "./packed/pack.ts";

/*
 * Pack what is published, and look at the tarballs as those do who install them: the licence and the sources are there, and every
 * entry has the types that belong to it, for Node and for bundlers. Without the network.
 */

/** Packages are ESM: a `require` of them, and resolution from before export maps, are not promised. */
const RESOLUTIONS = ["node16-esm", "bundler"] as const;

async function problemsOf(data: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
  const pack = createPackageFromTarballData(data);
  const root = `/node_modules/${pack.packageName}/`;
  const files = {
    paths: pack.listFiles().map((path) => path.slice(root.length)),
    read: (path: string) => pack.tryReadFile(root + path),
  };
  return [...contentProblems(files), ...(await publintProblems(data)), ...(await typeProblems(pack))];
}

async function publintProblems({ buffer }: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  return messages
    .filter(({ type }) => type !== "suggestion")
    .map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

async function typeProblems(pack: ReturnType<typeof createPackageFromTarballData>): Promise<readonly string[]> {
  const analysis = await checkPackage(pack);
  if (analysis.types === false) return ["brings no types"];
  return analysis.problems
    .filter((problem) => RESOLUTIONS.some((kind) => problemAffectsResolutionKind(problem, kind, analysis)))
    .map((problem) => `${problemKindInfo[problem.kind].title}: ${JSON.stringify(problem)}`);
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
let count = 0;
try {
  for (const { name, tarball } of packAll(folder)) {
    const data = new Uint8Array(readFileSync(tarball));
    const problems = await problemsOf(data);
    count += problems.length;
    for (const problem of problems) console.error(`${name}: ${problem}`);
    console.log(`${name}: ${Math.round(data.length / 1024)} KiB packed, ${problems.length} problems`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = count === 0 ? 0 : 1;
