import { describe, expect, test } from "vitest";
import { connected, settle } from "../support/connected.ts";
import { NO_ANSWER } from "../support/fake-exec-server.ts";

describe("a server that answers too much", () => {
  test("ten answers to one call: the first counts, and later calls get their own", async () => {
    await using line = await connected({
      "fs/canonicalize": (params, server) => {
        const path = String((params as { readonly path?: unknown }).path);
        const [{ id } = { id: 0 }] = server.received.filter(({ method }) => method === "fs/canonicalize").slice(-1);
        for (let answer = 0; answer < 10; answer += 1) server.send({ id, result: { path: `${path}/${answer}` } });
        return NO_ANSWER;
      },
    });
    const { fs } = line.executor;
    for (const name of ["a", "b", "c"]) expect(await fs.canonicalize(`/${name}`)).toBe(`file:///${name}/0`);
    await settle();
    expect(line.executor.state).toBe("connected");
  });

  test("answers whose ids belong to other calls give each caller a valid answer, or an error that names the method", async () => {
    await using line = await connected({
      "fs/canonicalize": () => NO_ANSWER,
      "fs/readFile": (_, server) => {
        // The answer to the one that was asked first has the shape of another method's.
        const [asked] = server.received.filter(({ method }) => method === "fs/canonicalize");
        server.send({ id: asked?.id, result: { dataBase64: "YQ==" } });
        return { dataBase64: "Yg==" };
      },
    });
    const { fs } = line.executor;
    const first = fs.canonicalize("/a").catch((error: unknown) => error);
    expect(await fs.readTextFile("/a")).toBe("b");
    expect(await first).toMatchObject({ name: "InvalidMessageError", method: "fs/canonicalize" });
    expect(line.executor.state).toBe("connected");
  });
});
