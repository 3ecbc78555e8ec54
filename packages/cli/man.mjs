import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { COMMANDS } from "./dist/commands.js";
import { manPages } from "./dist/man/man-pages.js";

/* The man pages of the package, of the very words that --help shows. */

const folder = new URL("dist/man-pages/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of manPages(COMMANDS, version)) writeFileSync(new URL(name, folder), text);
