// Loses its only line at once and has nothing else to do: it must still be there when the line comes back.
import { connect } from "../../src/index.ts";

const [url = ""] = process.argv.slice(2);
const executor = await connect(url, { recovery: { retryIntervalMs: 200 } });
const content = await executor.fs.readTextFile("/a");
process.stdout.write(content);
await executor.close();
