import { readdir } from "node:fs/promises";
import { uriOf } from "../files.ts";
import type { Row } from "../row.ts";
import type { WireClient } from "../wire/client.ts";
import { occurrences } from "../wire/scan.ts";

const ROOT = "/usr/share";
/** The most that the protocol allows in one call. */
const MOST = { maxDepth: 64, maxDirectories: 10_000, maxEntries: 50_000, followDirectorySymlinks: false };

interface Found {
  readonly entries: number;
  readonly truncated: boolean;
}

function walk(client: WireClient, path: string): Promise<Found> {
  return client.callAndScan("fs/walk", { path: uriOf(path), options: MOST }, (message) => ({
    entries: occurrences(message, '"kind":'),
    truncated: occurrences(message, '"truncated":true') > 0,
  }));
}

/** A tree in as many calls as its folders: one answer may not hold all of it. */
export const walkShare: Row = {
  id: "walk",
  title: `\`fs/walk\` of ${ROOT}`,
  unit: "/s",
  target: 164_000,
  better: "higher",
  limit: {
    what: "readdir in Node",
    async measure() {
      const begin = performance.now();
      const { length } = await readdir(ROOT, { recursive: true, withFileTypes: true });
      return length / ((performance.now() - begin) / 1_000);
    },
  },
  async measure({ client, smoke, note }) {
    const folders = await readdir(ROOT, { withFileTypes: true });
    const paths = folders.filter((entry) => entry.isDirectory()).map(({ name }) => `${ROOT}/${name}`);
    let entries = 0;
    let truncated = 0;
    const begin = performance.now();
    for (const path of smoke ? paths.slice(0, 3) : paths) {
      const found = await walk(client, path);
      entries += found.entries;
      truncated += found.truncated ? 1 : 0;
    }
    const speed = entries / ((performance.now() - begin) / 1_000);
    note(`${entries} entries, ${truncated} answers cut`);
    return speed;
  },
};
