/*
 * An executor on its stdin and stdout that ends with them. Arguments: a file that gets a line with its process id.
 */
import { appendFileSync } from "node:fs";
import { createExecutor } from "@holdfast/executor";
import { stdioPort } from "@holdfast/rpc/stdio";

appendFileSync(process.argv[2], `${process.pid}\n`);
const executor = createExecutor({ env: process.env, cwd: process.cwd(), version: "1.2.3" });
executor.accept(stdioPort({ input: process.stdin, output: process.stdout }));
process.stdin.once("end", () => void executor.close().then(() => process.exit(0)));
