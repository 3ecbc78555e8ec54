import { connect } from "@holdfast/exec-client";

/** What a page does with an executor. Gives what it saw, for comparison. */
export async function useExecutor(url: string, token: string, folder: string): Promise<Record<string, unknown>> {
  const executor = await connect(url, { clientName: "page", token });
  const { exitCode, stdout } = await executor.run(["sh", "-c", 'printf "grün %s" "$1"; exit 3', "sh", "and gold"]);
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251);
  await executor.fs.writeFile(`${folder}/bytes`, bytes);
  const back = await executor.fs.readFile(`${folder}/bytes`);
  const sorted = await executor.run(["sort"], { input: "b\na\n" });
  const counted: unknown[] = [];
  const process = await executor.processes.start({ argv: ["sh", "-c", "for n in 1 2 3; do echo $n; done"] });
  for await (const line of process.lines()) counted.push(line);
  const missing = await executor.run(["no-such-program"]).catch((error) => error instanceof Error);
  const other = await connect(url, { token: "another" }).catch((error: Error) => error.name);
  await executor.close();
  return {
    exitCode,
    stdout,
    isSame: back.length === bytes.length && back.every((byte, index) => byte === bytes[index]),
    sorted: sorted.stdout,
    counted: counted.length,
    missing,
    other,
  };
}
