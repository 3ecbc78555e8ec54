// Only SIGKILL ends this program.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => {});
setInterval(() => {}, 60_000);
process.stdout.write("ready\n");
