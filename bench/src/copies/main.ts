import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { missingForSsh, startSshServer } from "@holdfast/testkit";
import { median } from "../statistics.ts";
import { HOLDFAST, startTarget } from "../target.ts";
import { MIB } from "../units.ts";
import { DelayLine } from "../wan.ts";
import { type Copy, type CopyTool, holdfast, rsync, scp, secondsOf } from "./tools.ts";

/*
 * `holdfast cp` beside rsync and scp, as whole programs and in turns: a large file and many small ones, both ways, and a second run with
 * nothing and with a hundredth changed; over loopback and over a line with a round trip of 80 ms.
 *
 *   node bench/src/copies/main.ts [--rounds 3] [--files 10000] [--mebibytes 1024] [--far] [--smoke]
 */

/** Programs that the comparison is made with, besides ssh. */
const COPY_PROGRAMS = ["/usr/bin/scp", "/usr/bin/rsync"];
const ONE_WAY_MS = 40;
const FILE_MIN_BYTES = 2_000;
const FILE_SPREAD_BYTES = 8_000;
const FILES_IN_FOLDER = 100;

interface Sizes {
  readonly files: number;
  readonly mebibytes: number;
}

interface Row {
  readonly title: string;
  readonly seconds: Map<string, number[]>;
}

async function makeFile(path: string, mebibytes: number): Promise<void> {
  await using file = await open(path, "w");
  for (let block = 0; block < mebibytes; block += 1) await file.write(randomBytes(MIB));
}

function makeFolder(path: string, files: number): void {
  for (let file = 0; file < files; file += 1) {
    const folder = join(path, `${Math.floor(file / FILES_IN_FOLDER)}`);
    if (file % FILES_IN_FOLDER === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${file}`), randomBytes(FILE_MIN_BYTES + Math.floor(Math.random() * FILE_SPREAD_BYTES)));
  }
}

/** Every hundredth file gets other bytes. */
function changeSome(path: string, round: number): void {
  let file = 0;
  for (const folder of readdirSync(path)) {
    for (const name of readdirSync(join(path, folder))) {
      file += 1;
      if (file % 100 === round % 100) writeFileSync(join(path, folder, name), randomBytes(FILE_MIN_BYTES));
    }
  }
}

async function measure(
  scratch: string,
  tools: readonly CopyTool[],
  { rounds, sizes, isFar }: { rounds: number; sizes: Sizes; isFar: boolean },
) {
  const rows = new Map<string, Row>();
  const time = async (title: string, tool: CopyTool, copy: Copy): Promise<void> => {
    const row = rows.get(title) ?? { title, seconds: new Map<string, number[]>() };
    rows.set(title, row);
    const seconds = await secondsOf(tool, copy);
    row.seconds.set(tool.name, [...(row.seconds.get(tool.name) ?? []), seconds]);
    console.error(`${title}: ${tool.name} ${seconds.toFixed(2)} s`);
  };
  const folder = join(scratch, "folder");
  const file = join(scratch, "file");
  makeFolder(folder, sizes.files);
  await makeFile(file, sizes.mebibytes);
  for (let round = 0; round < rounds; round += 1) {
    // Nothing is removed meanwhile: a file system is slow to make files where it has just removed as many.
    const place = (tool: CopyTool, what: string): string => join(scratch, `${what}-${tools.indexOf(tool)}-${round}`);
    for (const direction of ["up", "down"] as const) {
      for (const tool of tools) {
        const to = place(tool, `file-${direction}`);
        await time(`${sizes.mebibytes} MiB ${direction}`, tool, { direction, kind: "file", from: file, to });
        rmSync(to);
      }
      const copyOf = (tool: CopyTool): Copy => ({
        direction,
        kind: "folder",
        from: folder,
        to: place(tool, `folder-${direction}`),
      });
      // It waits for an answer to every step of every file: a quarter of an hour of nothing but that, far away.
      const first = tools.filter(({ name }) => !isFar || name !== "scp");
      for (const tool of first) await time(`${sizes.files} files ${direction}`, tool, copyOf(tool));
      const again = tools.filter(({ name }) => name !== "scp");
      for (const tool of again) await time(`again ${direction}, nothing changed`, tool, copyOf(tool));
      changeSome(folder, round * 2 + (direction === "up" ? 0 : 1));
      for (const tool of again) await time(`again ${direction}, 1 % changed`, tool, copyOf(tool));
    }
  }
  return [...rows.values()];
}

function table(rows: readonly Row[], tools: readonly CopyTool[], line: string): string {
  const names = tools.map(({ name }) => name);
  const head = `| ${line} | ${names.join(" | ")} | holdfast / best other |`;
  const rule = `| --- |${names.map(() => " ---: |").join("")} ---: |`;
  const lines = rows.map(({ title, seconds }) => {
    const figures = names.map((name) => median(seconds.get(name) ?? []));
    const [own = Number.NaN, ...others] = figures;
    const best = Math.min(...others.filter((figure) => !Number.isNaN(figure)));
    const cells = figures.map((figure) => (Number.isNaN(figure) ? "" : `${figure.toFixed(2)} s`));
    return `| ${title} | ${cells.join(" | ")} | ${(own / best).toFixed(2)} |`;
  });
  return [head, rule, ...lines].join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      files: { type: "string", default: "10000" },
      mebibytes: { type: "string", default: "1024" },
      far: { type: "boolean", default: false },
      smoke: { type: "boolean", default: false },
    },
  });
  const missing = [...missingForSsh, ...COPY_PROGRAMS.filter((path) => !existsSync(path))];
  if (missing.length > 0) {
    console.log(`copies: not measured, as there is no ${missing.join(", ")} here; install rsync and openssh`);
    return;
  }
  const sizes = values.smoke
    ? { files: 200, mebibytes: 4 }
    : { files: Number(values.files), mebibytes: Number(values.mebibytes) };
  const rounds = values.smoke ? 1 : Number(values.rounds);
  const scratch = mkdtempSync(join(tmpdir(), "holdfast-copies-"));
  try {
    await using target = await startTarget(HOLDFAST);
    await using server = await startSshServer(scratch);
    if (!values.far) {
      const config = await server.clientConfig();
      const tools = [holdfast(target.url), rsync(config), scp(config)];
      console.log(table(await measure(scratch, tools, { rounds, sizes, isFar: false }), tools, "loopback"));
      return;
    }
    await using ours = await DelayLine.to(target.url, ONE_WAY_MS);
    await using theirs = await DelayLine.to(`tcp://127.0.0.1:${server.port}`, ONE_WAY_MS);
    const config = await server.clientConfig({ port: Number(new URL(theirs.url).port) });
    const tools = [holdfast(ours.url), rsync(config), scp(config)];
    console.log(
      table(await measure(scratch, tools, { rounds, sizes, isFar: true }), tools, `round trip of ${2 * ONE_WAY_MS} ms`),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

await main();
