import { fileURLToPath } from "node:url";
import { generate } from "./generate.ts";
import { differences, writeOutput } from "./output.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== "--check");
  if (unknown.length > 0) {
    console.error(`unknown argument ${unknown.join(" ")}; usage: node tools/codegen/src/main.ts [--check]`);
    return 2;
  }
  const output = await generate(root);
  if (!args.includes("--check")) {
    writeOutput(root, output);
    return 0;
  }
  const stale = differences(root, output);
  for (const { path, problem } of stale) console.error(`${path}: ${problem}; run \`pnpm generate\``);
  return stale.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
