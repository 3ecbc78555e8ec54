import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdfast, lines } from "../support/cli.ts";
import { runsPlace } from "../support/runs.ts";

/** Answers every handshake with one status. */
async function refuser(status: number, body = "") {
  const server = createServer().listen(0, "127.0.0.1");
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => {});
    const head = `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n`;
    socket.end(`${head}Connection: close\r\n\r\n${body}`);
  });
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

describe("what is secret in an address", () => {
  test.each([
    [401, "", /answered with 401 Refused; it wants a token/],
    [
      403,
      "not from\u001b[2J here",
      /answered with 403 Refused: not from \[2J here; it does not accept clients from here/,
    ],
    [503, "", /answered with 503 Refused; is an executor running there\?/],
  ])("is not told when it is refused with %d, and the hint fits", async (status, body, message) => {
    await using server = await refuser(status, body);
    const url = `ws://me:s3cret@${server.host}/?token=s3cret`;
    for (const args of [
      ["exec", "--url", url, "--", "true"],
      ["info", "--debug", "--url", url],
      ["attach", "abcdefgh", "--url", url],
    ]) {
      const { code, stdout, stderr } = await holdfast(args);
      expect(code).toBeGreaterThan(0);
      expect(lines(stderr)[0]).toMatch(message);
      expect(stdout + stderr).not.toContain("s3cret");
    }
  });

  test("is not told where it is no address of an executor", async () => {
    for (const url of ["http://me:s3cret@host/", "me:s3cret@host"]) {
      const { code, stderr } = await holdfast(["info", "--url", url]);
      expect([code, lines(stderr)]).toEqual([2, [expect.stringContaining("***@host")]]);
      expect(stderr).not.toContain("s3cret");
    }
  });

  test("reaches the executor, and no table or JSON", async () => {
    await using place = await runsPlace();
    const { env } = place;
    const url = place.url.replace("ws://", "ws://me:s3cret@");
    const detached = await holdfast(["exec", "--detach", "--url", url, "--", "echo", "hello"], { env });
    expect(detached).toMatchObject({ code: 0, stderr: "" });
    for (const args of [["ps"], ["ps", "--json"], ["info", "--url", url], ["info", "--json", "--url", url]]) {
      const { code, stdout } = await holdfast(args, { env });
      expect([code, stdout.includes("***@127.0.0.1"), stdout.includes("s3cret")]).toEqual([0, true, false]);
    }
    const logs = await holdfast(["logs", detached.stdout.toString().slice(0, 8)], { env });
    expect([logs.code, logs.stdout.toString()]).toEqual([0, "hello\n"]);
  });
});

describe("the ID of a run", () => {
  test("may come from a file or from stdin, whole or as its beginning", async () => {
    await using place = await runsPlace();
    await using folder = await tempDir();
    const { env } = place;
    const id = await place.detach("echo hello; exec sleep 60");
    await writeFile(folder.join("id"), `${id}\nmore\n`);
    const file = ["logs", "--id-file", "id"];
    expect((await holdfast(file, { env, cwd: folder.path })).stdout.toString()).toBe("hello\n");
    // Elsewhere nothing is recorded.
    const elsewhere = { cwd: folder.path, env: { XDG_STATE_HOME: folder.path } };
    expect((await holdfast([...file, "--url", place.url], elsewhere)).stdout.toString()).toBe("hello\n");
    const piped = await holdfast(["logs", "--id-file", "-"], { env, stdin: id.slice(0, 8) });
    expect(piped.stdout.toString()).toBe("hello\n");
  });

  test.each([
    [["attach"], 255, /missing argument ID/],
    [["logs", "--id-file", "nosuch"], 1, /cannot read nosuch: ENOENT/],
    [["logs"], 2, /missing argument ID/],
    [["attach", "abcdefgh", "--id-file", "id"], 255, /give ID or --id-file, not both/],
    [["attach", "--id-file", "nosuch"], 255, /cannot read nosuch: ENOENT/],
    [["attach", "--id-file", "/dev/null"], 255, /ID must have at least 4 characters/],
  ])("is asked for in one line: %j", async (args, code, message) => {
    const result = await holdfast(args);
    expect([result.code, lines(result.stderr)]).toEqual([code, [expect.stringMatching(message)]]);
  });
});
