import type { WorkspacePackage } from "../workspace.ts";

/** Files outside the command line that may look at this process's arguments or environment, or write programs that look at theirs. */
const ALLOWED = [
  "packages/exec-client/src/ssh/far-script.ts",
  "packages/exec-client/src/ssh/install-program.ts",
  "packages/executor/src/pty/launch-as.ts",
];

/** Only the command line reads argv and environment variables; everything else is told. */
export function environmentReaders(packages: readonly WorkspacePackage[]): readonly string[] {
  return packages
    .filter(
      ({ folder }) => folder.startsWith("packages/") && folder !== "packages/cli" && folder !== "packages/testkit",
    )
    .flatMap(({ sources }) => sources)
    .filter(({ path, text }) => /\bprocess\.(?:env|argv)\b/.test(text) && !ALLOWED.includes(path))
    .map(({ path }) => `${path}: only packages/cli reads process.env and process.argv`);
}
