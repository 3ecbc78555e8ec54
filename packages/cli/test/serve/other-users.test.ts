import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, serve } from "../support/cli.ts";
import { answerTo } from "../support/handshake-answer.ts";

const SOMEBODY = 54_321;
const isRoot = process.geteuid?.() === 0;
describe("serve", () => {
  test("lets its own user in", async () => {
    await using server = await serve();
    expect(await answerTo(undefined, server.url)).toMatch(/^HTTP\/1\.1 101 /);
  });

  describe.runIf(isRoot)("of one user", () => {
    test("refuses another one, who reads why, and logs some of it", async () => {
      await using server = await serve({ args: ["--log-level", "warn"] });
      const answer = await answerTo(SOMEBODY, server.url);
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      const reason = `this executor is for user 0, and the connection is of user ${SOMEBODY}`;
      expect(answer.split("\r\n\r\n")[1]).toBe(
        `${reason}; its owner lets others in with \`holdfast serve --allow-other-local-users\`\n`,
      );
      for (let more = 0; more < 12; more += 1) await answerTo(SOMEBODY, server.url);
      await until(() => server.stderr.split(reason).length > 10);
      expect(server.stderr.split(reason)).toHaveLength(11);
    });

    test("is no riddle to another one's command line", async () => {
      await using server = await serve();
      const client = spawn(process.execPath, [BIN, "info", "--url", server.url], {
        stdio: ["ignore", "ignore", "pipe"],
        cwd: "/",
        uid: SOMEBODY,
        gid: SOMEBODY,
        env: { PATH: process.env.PATH, HOME: "/" },
      });
      let said = "";
      client.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
      const [code] = await once(client, "close");
      expect(code).toBe(1);
      expect(said).not.toContain("is an executor running there?");
      expect(said).toMatch(
        /^[^\n]*answered with 403 Forbidden: this executor is for user 0, .*--allow-other-local-users`[^\n]*\n$/,
      );
    });

    test("lets it in when told to", async () => {
      await using server = await serve({ args: ["--allow-other-local-users"] });
      expect(await answerTo(SOMEBODY, server.url)).toMatch(/^HTTP\/1\.1 101 /);
    });

    test("that is not root lets root in, who may do everything anyway, and nobody else", async () => {
      const server = spawn(process.execPath, [BIN, "serve"], {
        stdio: ["ignore", "pipe", "inherit"],
        cwd: "/",
        uid: SOMEBODY,
        gid: SOMEBODY,
        env: { PATH: process.env.PATH, HOME: "/", TMPDIR: tmpdir() },
      });
      try {
        const [url] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
        expect(await answerTo(undefined, url)).toMatch(/^HTTP\/1\.1 101 /);
        expect(await answerTo(SOMEBODY, url)).toMatch(/^HTTP\/1\.1 101 /);
        expect(await answerTo(SOMEBODY + 1, url)).toMatch(/^HTTP\/1\.1 403 /);
      } finally {
        server.kill("SIGKILL");
      }
    });
  });
});
