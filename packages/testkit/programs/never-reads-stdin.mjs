// Whoever writes to this program fills the pipe and then waits.
setInterval(() => {}, 60_000);
process.stdout.write("ready\n");
