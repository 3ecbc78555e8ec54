import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packAll, run } from "./packed/pack.ts";
import { CLIENT_PACKAGES, CONSUMER, ENTRIES, STRICTEST, WITHOUT_NODE } from "./packed/type-consumers.ts";

/*
 * Pack the clients and what they stand on, install the tarballs as a user would, and compile what users write against them, with each
 * TypeScript that is supported and without `skipLibCheck`. Needs the network, so `npm test` leaves it out.
 */

/** The oldest that knows bytes by their memory, the last one in JavaScript, and the newest. */
const VERSIONS = ["5.7", "5.9", "7"];
const RESOLUTIONS = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];

/** The entries for Node take and give what it has. */
const WITH_NODE = {
  files: { "entries.ts": ENTRIES, "consumer.ts": CONSUMER },
  options: { ...STRICTEST, lib: ["es2023"], types: ["node"] },
};

const folder = mkdtempSync(join(tmpdir(), "holdfast-types-"));
try {
  const needed = packAll(folder).filter(({ name }) => CLIENT_PACKAGES.some((each) => name === `@holdfast/${each}`));
  const dependencies = Object.fromEntries(needed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const compilers = Object.fromEntries(
    VERSIONS.map((version) => [`typescript-${version}`, `npm:typescript@${version}`]),
  );
  const devDependencies = { ...compilers, "@types/node": "22" };
  const manifest = { private: true, type: "module", dependencies, devDependencies, overrides: dependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const projects = [WITHOUT_NODE, WITH_NODE];
  for (const { files } of projects) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  }
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  for (const resolution of RESOLUTIONS) {
    for (const { files, options } of projects) {
      const compilerOptions = { ...options, ...resolution };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
      for (const version of VERSIONS) run("node", [`node_modules/typescript-${version}/bin/tsc`, "-p", "."], folder);
    }
    console.log(`the clients compile with TypeScript ${VERSIONS.join(", ")} under ${resolution.moduleResolution}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
