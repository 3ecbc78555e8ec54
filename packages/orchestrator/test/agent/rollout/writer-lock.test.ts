import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { lockThread, ThreadInUseError } from "../../../src/agent/rollout/writer-lock.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";
/** Above the highest number that a process of Linux gets. */
const NOBODY = 2 ** 22 + 1;

const CONTENDER = `
import { lockThread } from ${JSON.stringify(new URL("../../../src/agent/rollout/writer-lock.ts", import.meta.url).href)};
process.stdout.write("ready\\n");
process.stdin.once("data", () => {
  try {
    lockThread(process.argv[1], ${JSON.stringify(ID)});
    process.stdout.write("has it\\n");
  } catch (error) {
    process.stdout.write(error.name + "\\n");
  }
});
`;

/** A program that tries to get the lock when it is told to, and keeps it until its input ends. */
class Contender implements AsyncDisposable {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  constructor(home: string) {
    this.#child = spawn(process.execPath, ["--input-type=module", "-e", CONTENDER, home], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = this.#child.stdout.setEncoding("utf8")[Symbol.asyncIterator]();
  }

  async says(): Promise<string> {
    const { value } = await this.#lines.next();
    return String(value).trim();
  }

  go(): void {
    this.#child.stdin.write("go\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}

describe("the lock of a thread", () => {
  test("is had by one of those who find that of a program that is gone", async () => {
    await using home = await tempDir();
    const folder = home.join("thread-writer-locks");
    mkdirSync(folder);
    writeFileSync(`${folder}/${ID}.holdfast`, `${NOBODY}\n`);
    await using stack = new AsyncDisposableStack();
    const contenders = Array.from({ length: 5 }, () => stack.use(new Contender(home.path)));
    expect(await Promise.all(contenders.map((each) => each.says()))).toEqual(contenders.map(() => "ready"));
    for (const each of contenders) each.go();
    const said = await Promise.all(contenders.map((each) => each.says()));
    expect(said.toSorted()).toEqual([...Array(4).fill("ThreadInUseError"), "has it"]);
    expect(readdirSync(folder)).toEqual([`${ID}.holdfast`]);
    expect(() => lockThread(home.path, ID)).toThrow(ThreadInUseError);
  });
});
