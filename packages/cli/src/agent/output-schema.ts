import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";

/** The JSON Schema in a file. @throws CommandFailure - It can not be read, or is no JSON object. */
export async function outputSchema({ cwd }: Pick<Context, "cwd">, file: string): Promise<unknown> {
  try {
    const schema: unknown = JSON.parse(await readFile(resolve(cwd, file), "utf8"));
    if (typeof schema === "object" && schema !== null && !Array.isArray(schema)) return schema;
  } catch (cause) {
    throw new CommandFailure(`--output-schema ${file}: ${reasonOf(cause)}`, { cause });
  }
  throw new CommandFailure(`--output-schema ${file}: it must be a JSON object`);
}
