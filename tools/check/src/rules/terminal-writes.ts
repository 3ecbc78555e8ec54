import type { WorkspacePackage } from "../workspace.ts";

/** Where something else may be written to the terminal, and why that is right. */
const RAW: Readonly<Record<string, string>> = {
  "packages/cli/src/exec/outlet.ts": "what a command prints passes through as it is",
  "packages/cli/src/cp/standard-streams.ts": "a file that is copied to stdout passes through as it is",
  "packages/cli/src/exec/outage-notice.ts": "moves the cursor itself; the line is printable",
  "packages/cli/src/cp/progress-bar.ts": "moves the cursor itself; the line is printable",
  "packages/cli/src/serve/command.ts": "the URL that this program has bound, and its own table of limits",
};

const WRITE = /\b(?:stdout|stderr|terminal)\.write\(\s*(?<what>"[^"\n]*"|`[^`$]*`|`|[\w.]*)/g;
/** A call that makes text printable, or a text without anything put into it. */
const SAFE = /^(?:printable(?:Lines|Json)?$|"[^"]*"|`[^`$]*`)/;

/**
 * What is written to a terminal goes through `printable`: names, errors and versions come from other machines, and must not
 * steer it. Streams that are handed on under another name are not seen here.
 */
export function terminalWrites(packages: readonly WorkspacePackage[]): readonly string[] {
  return packages
    .filter(({ folder }) => folder === "packages/cli")
    .flatMap(({ sources }) => sources)
    .filter(({ path }) => RAW[path] === undefined)
    .flatMap(({ path, text }) =>
      [...text.matchAll(WRITE)]
        .filter(({ groups }) => !SAFE.test(groups?.what ?? ""))
        .map(({ groups }) => `${path}: ${groups?.what}… is written to the terminal without printable()`),
    );
}
