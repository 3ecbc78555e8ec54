// Writes as fast as the reader allows, then exits.
const mebibytes = Number(process.argv[2] ?? 8);
const mebibyte = Buffer.from(`${"x".repeat(1_023)}\n`.repeat(1_024));
let left = mebibytes;
const write = () => {
  while (left > 0) {
    left -= 1;
    if (!process.stdout.write(mebibyte)) {
      process.stdout.once("drain", write);
      return;
    }
  }
};
write();
