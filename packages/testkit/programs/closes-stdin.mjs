// Writers see a broken pipe while the program lives on.
import { closeSync } from "node:fs";

closeSync(0);
setInterval(() => {}, 60_000);
process.stdout.write("ready\n");
