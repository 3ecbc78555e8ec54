import { expect, test } from "vitest";
import { connected } from "../support/connected.ts";
import type { Handler } from "../support/fake-exec-server.ts";

const ends: Handler = ({ processId }, server) => {
  setImmediate(() => {
    server.output(processId, 1, "done");
    server.exited(processId, 2, 0);
    server.finished(processId, 3);
  });
  return { processId };
};

test("a template is run by sh, its values beside the script", async () => {
  await using line = await connected({ "process/start": ends });
  const { stdout } = await line.executor.$`git commit -m ${"it's; rm -rf $HOME"} ${["a b", "c"]}`;
  expect(stdout).toBe("done");
  expect(line.server.of("process/start")).toMatchObject([
    {
      argv: [
        "sh",
        "-c",
        `_1=\${1} _2=\${2} _3=\${3}; git commit -m "\${_1}" "\${_2}" "\${_3}"`,
        "sh",
        "it's; rm -rf $HOME",
        "a b",
        "c",
      ],
    },
  ]);
});

test("options of a template hold for all that follow, and add up", async () => {
  await using line = await connected({ "process/start": ends });
  const inRepo = line.executor.$({ cwd: "/repo", env: { A: "1" } });
  await inRepo`make`;
  await inRepo({ tty: true })`make`;
  expect(line.server.of("process/start")).toMatchObject([
    { cwd: "file:///repo", env: { A: "1" }, tty: false },
    { cwd: "file:///repo", env: { A: "1" }, tty: true },
  ]);
});

test("a script goes as it is, and finds its arguments as parameters", async () => {
  await using line = await connected({ "process/start": ends });
  await line.executor.sh('cp -- "$1" "$2" $(x)', { args: ["a b", ["c"]], cwd: "/repo" });
  expect(line.server.of("process/start")).toMatchObject([
    { argv: ["sh", "-c", 'cp -- "$1" "$2" $(x)', "sh", "a b", "c"], cwd: "file:///repo" },
  ]);
});

test("what can not be a word is refused, and nothing is sent", async () => {
  await using line = await connected();
  await expect(line.executor.$`echo ${undefined as unknown as string}`).rejects.toMatchObject({
    name: "InvalidArgumentError",
    argument: "values",
  });
  await expect(line.executor.sh(5 as unknown as string)).rejects.toMatchObject({ argument: "script" });
  expect(line.server.of("process/start")).toEqual([]);
});
