import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../own-folder.ts";
import { version } from "../version.ts";
import { ownFiles } from "./program-files.ts";

/** Their text decides: that of `main` names the other parts by their content, and `serve` is what runs there. */
const DECISIVE = ["package.json", "dist/program/main.js", "dist/program/serve.js"];
const DIGEST_LENGTH = 16;

let known: string | undefined;

/** A name for the very files of this program: the release, and a digest. */
export function buildName(): string {
  known ??= `${version()}-${digest()}`;
  return known;
}

function digest(): string {
  const folder = ownFolder();
  const hash = createHash("sha256");
  for (const name of DECISIVE) hash.update(readFileSync(join(folder, name)));
  for (const name of ownFiles(folder)) hash.update(`${name} ${statSync(join(folder, name)).size}\n`);
  return hash.digest("hex").slice(0, DIGEST_LENGTH);
}
