import { mkdir, readdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AcceptedMessage } from "../corpus.ts";
import { CORPUS_ROOT } from "../places.ts";

function fileOf(method: string): string {
  return `${method.replaceAll("/", ".")}.json`;
}

/** One message per line: reviewable, and a change shows as a change of that line. */
function render(entries: readonly AcceptedMessage[]): string {
  return `[\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]\n`;
}

/** Replace the whole accept corpus. */
export async function writeAccepted(messages: readonly AcceptedMessage[], root = CORPUS_ROOT): Promise<void> {
  const folder = join(root, "accept");
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) if (file.endsWith(".json")) await unlink(join(folder, file));
  const methods = [...new Set(messages.map(({ method }) => method))].sort();
  for (const method of methods) {
    const entries = messages.filter((message) => message.method === method);
    await writeFile(join(folder, fileOf(method)), render(entries));
  }
}
