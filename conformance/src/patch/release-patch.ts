import { execFile } from "node:child_process";
import type { Release } from "@holdfast/reference-peer";
import { contentsOf } from "./ground.ts";
import type { PatchOutcome } from "./patch-case.ts";

/** How long a release may take for one patch. */
const TIMEOUT_MS = 20_000;

/** Let the program of a release apply a patch in a folder. */
export async function applyByRelease(release: Release, folder: string, patch: string): Promise<PatchOutcome> {
  const { promise, resolve } = Promise.withResolvers<{ isApplied: boolean; text: string }>();
  const options = { cwd: folder, timeout: TIMEOUT_MS, encoding: "utf8" } as const;
  execFile(release.program, ["--codex-run-as-apply-patch", patch], options, (error, stdout, stderr) => {
    resolve({ isApplied: error === null, text: error === null ? stdout : stderr.trimEnd() });
  });
  const { isApplied, text } = await promise;
  return { isApplied, text: text.replaceAll(folder, "$DIR"), contents: await contentsOf(folder) };
}
