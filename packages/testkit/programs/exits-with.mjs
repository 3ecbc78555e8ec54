process.exit(Number(process.argv[2] ?? 0));
