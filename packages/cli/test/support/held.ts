import { once } from "node:events";
import { createInterface } from "node:readline";
import { Cli, type CliOptions } from "./cli.ts";

/** Start `holdfast connect` to an executor and wait for the URL that it prints. */
export async function hold(far: string, options: CliOptions & { readonly args?: readonly string[] } = {}) {
  const cli = new Cli(["connect", "--url", far, ...(options.args ?? [])], options);
  const { stdout } = cli.child;
  if (stdout === null) throw new Error("stdout is no pipe");
  const [url] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return Object.assign(cli, { url });
}
