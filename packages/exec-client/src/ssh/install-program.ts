/** What the program that unpacks is told besides where to. */
export interface InstallSettings {
  /** Bytes that come in. */
  readonly size: number;
  /** Of them, in hexadecimal. */
  readonly sha256: string;
  /** Native parts are missing: it is put beside the place of a whole one. */
  readonly isPlain: boolean;
  /** Milliseconds after which another release that was not used goes. */
  readonly unusedMs: number;
  /** Milliseconds after which what a broken installation left goes. */
  readonly leftMs: number;
}

/** What is packed: a line with the names, permission bits and sizes of the files as JSON, then the files, one after the other. */
export type PackedFile = readonly [path: string, mode: number, size: number];

const UNUSED_MS = 14 * 86_400_000;
const LEFT_MS = 3_600_000;

/** The program that unpacks, for `node -e "eval(atob(process.argv[1]))" TEXT FOLDER BUILD MARKER`. */
export function installerText(packed: Pick<InstallSettings, "size" | "sha256" | "isPlain">): string {
  const settings: InstallSettings = { ...packed, unusedMs: UNUSED_MS, leftMs: LEFT_MS };
  return btoa(`(${installProgram})(${JSON.stringify(settings)},require,process)`);
}

/**
 * Read packed files from stdin and put them in place as one folder, by a rename. Its text is what runs on the other machine, so it uses
 * nothing from outside itself, and only ASCII. Ends the process.
 */
export function installProgram(settings: InstallSettings, load: NodeJS.Require, self: NodeJS.Process): void {
  const fs: typeof import("node:fs") = load("node:fs");
  const path: typeof import("node:path") = load("node:path");
  const crypto: typeof import("node:crypto") = load("node:crypto");
  const zlib: typeof import("node:zlib") = load("node:zlib");
  const [root = "", whole = "", marker = ""] = self.argv.slice(2);
  const build = settings.isPlain ? `${whole}-plain` : whole;
  const fail = (kind: string, text: string): never => {
    fs.writeSync(1, `${marker} error ${kind} ${text}\n`);
    self.exit(70);
  };
  const wait = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const readAll = (): Buffer => {
    const bytes = Buffer.alloc(settings.size);
    for (let length = 0; length < bytes.length; ) {
      try {
        const count = fs.readSync(0, bytes, length, bytes.length - length, null);
        if (count === 0) self.exit(70);
        length += count;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
        wait(5);
      }
    }
    return bytes;
  };
  const unpack = (bytes: Buffer, folder: string): void => {
    const packed = zlib.gunzipSync(bytes);
    let start = packed.indexOf(10) + 1;
    const files: [string, number, number][] = JSON.parse(packed.toString("utf8", 0, start));
    for (const [name, mode, size] of files) {
      const place = path.join(folder, name);
      fs.mkdirSync(path.dirname(place), { recursive: true, mode: 0o700 });
      fs.writeFileSync(place, packed.subarray(start, start + size), { mode, flag: "wx" });
      start += size;
    }
    fs.writeFileSync(path.join(folder, "node"), `${self.execPath}\n`, { mode: 0o600, flag: "wx" });
  };
  const isPrivate = (folder: string): boolean => {
    const stats = fs.lstatSync(folder);
    return stats.isDirectory() && stats.uid === self.getuid?.() && (stats.mode & 0o077) === 0;
  };
  /** Another one may have been faster; or what is there does not run any more, as its Node is gone. */
  const works = (folder: string): boolean => {
    try {
      fs.accessSync(fs.readFileSync(path.join(folder, "node"), "utf8").trim(), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const putInPlace = (folder: string, place: string): void => {
    for (;;) {
      try {
        fs.renameSync(folder, place);
        return;
      } catch (error) {
        if (!["EEXIST", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
      if (works(place)) {
        fs.rmSync(folder, { recursive: true, force: true });
        return;
      }
      const old = path.join(root, `.old-${crypto.randomUUID()}`);
      try {
        fs.renameSync(place, old);
      } catch (error) {
        // Somebody else has done the same.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
      fs.rmSync(old, { recursive: true, force: true });
    }
  };
  const clean = (): void => {
    for (const name of fs.readdirSync(root)) {
      const place = path.join(root, name);
      const age = Date.now() - fs.lstatSync(place).mtimeMs;
      if (name === build || age < (name.startsWith(".") ? settings.leftMs : settings.unusedMs)) continue;
      // Gone at once for whoever looks for it by its name.
      const aside = name.startsWith(".") ? place : path.join(root, `.old-${crypto.randomUUID()}`);
      if (aside !== place) fs.renameSync(place, aside);
      fs.rmSync(aside, { recursive: true, force: true });
    }
  };
  const bytes = readAll();
  if (crypto.createHash("sha256").update(bytes).digest("hex") !== settings.sha256) fail("damaged", "");
  const aside = path.join(root, `.new-${crypto.randomUUID()}`);
  try {
    fs.mkdirSync(root, { recursive: true, mode: 0o700 });
    if (!isPrivate(root)) fail("cache", root);
    fs.mkdirSync(aside, { mode: 0o700 });
    unpack(bytes, aside);
    try {
      if (!settings.isPlain) load(path.join(aside, "node_modules", "koffi"));
    } catch (error) {
      fs.rmSync(aside, { recursive: true, force: true });
      fail("native", (error as Error).message.split("\n")[0] ?? "");
    }
    putInPlace(aside, path.join(root, build));
  } catch (error) {
    fs.rmSync(aside, { recursive: true, force: true });
    const { code = "", message } = error as NodeJS.ErrnoException;
    fail(code === "ENOSPC" || code === "EDQUOT" ? "full" : "write", `${root}: ${message}`);
  }
  try {
    clean();
  } catch {
    // Another one cleans as well, and what is left is no harm.
  }
}
