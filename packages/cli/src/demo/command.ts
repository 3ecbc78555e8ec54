import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calledAs } from "../called-as.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { openEmbedded } from "../executor/open-executor.ts";
import { Report } from "./report.ts";
import { burst, copyFile, streamCommand, useTerminal } from "./steps.ts";

/** `holdfast demo` */
export async function run(context: Context): Promise<number> {
  const report = new Report(context.stdout);
  const folder = await mkdtemp(join(tmpdir(), "holdfast-demo-"));
  try {
    await using opened = await openEmbedded(context);
    const { executor } = opened;
    await report.step("A command, streamed", () => streamCommand(executor, report));
    await report.step("A terminal", () => useTerminal(executor, report));
    await report.step("A file", () => copyFile(executor, report, folder));
    await report.step("Forty processes at once", () => burst(executor, report));
  } finally {
    // Only ever the folder made above.
    await rm(folder, { recursive: true, force: true });
  }
  report.summary();
  const name = calledAs(context);
  context.stdout.write(
    `\nNext: \`${name} serve\`, and \`${name} exec --url URL -- COMMAND\` with the URL that it prints.\n`,
  );
  return EXIT_OK;
}
