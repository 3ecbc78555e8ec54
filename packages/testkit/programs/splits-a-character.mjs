// The euro sign is three bytes; the first two are told on their own.
import { writeSync } from "node:fs";

const euro = Buffer.from("\u20ac");
writeSync(1, euro.subarray(0, 2));
process.stdin.once("data", () => {
  writeSync(1, euro.subarray(2));
  process.exit(0);
});
process.stdin.once("end", () => process.exit(0));
