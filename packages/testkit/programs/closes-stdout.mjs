// Its reader sees the end of the output while the program lives on.
import { closeSync, writeSync } from "node:fs";

writeSync(1, "ready\n");
closeSync(1);
setInterval(() => {}, 60_000);
