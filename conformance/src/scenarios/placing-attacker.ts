import { spawn } from "node:child_process";
import { once } from "node:events";
import { endChild, ownChild } from "../owned.ts";

/**
 * What a confined command could do to the folder that a client writes to: whatever appears there is taken away, and links to
 * what lies outside take its place, as fast as that goes and until it is ended.
 */
const ATTACK = `
const fs = require("node:fs"), path = require("node:path");
const [, ws, outside] = process.argv;
const file = path.join(outside, "private");
let taken = 0;
const swap = (place) => {
  try {
    const isFolder = fs.lstatSync(place).isDirectory();
    fs.renameSync(place, path.join(ws, "taken-" + taken++ % 50));
    fs.symlinkSync(isFolder ? outside : file, place);
  } catch {}
};
const below = (folder, depth) => {
  let names = [];
  try { if (!fs.lstatSync(folder).isSymbolicLink()) names = fs.readdirSync(folder); } catch {}
  for (const name of names) {
    if (name.startsWith("taken-")) continue;
    const place = path.join(folder, name);
    if (depth < 3) below(place, depth + 1);
    if (Math.random() < 0.3) swap(place);
  }
};
process.stdout.write("ready");
const endAt = Date.now() + 60_000;
while (Date.now() < endAt) {
  below(ws, 0);
  if (Math.random() < 0.2) try { fs.rmSync(path.join(ws, "file")); } catch {}
  if (Math.random() < 0.2) try { fs.rmSync(path.join(ws, "tree"), { recursive: true }); } catch {}
}`;

/** Attacks `folder` until it is disposed of. */
export async function placingAttacker(folder: string, outside: string): Promise<AsyncDisposable> {
  const child = ownChild(
    spawn(process.execPath, ["-e", ATTACK, folder, outside], { stdio: ["ignore", "pipe", "ignore"] }),
  );
  await once(child.stdout, "data");
  return { [Symbol.asyncDispose]: () => endChild(child) };
}
