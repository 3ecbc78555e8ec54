import { randomBytes } from "node:crypto";
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { connect } from "@holdfast/exec-client";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { collectGarbage } from "../support/collect-garbage.ts";
import { sharedServer } from "../support/shared-server.ts";
import { webOrigin } from "./web-origin.ts";

/** Text that compresses to more than one piece. */
const TEXT = randomBytes(200_000).toString("hex");

const BODIES: Readonly<Record<string, readonly [coding: string, body: Buffer]>> = {
  gzip: ["gzip", gzipSync(TEXT)],
  "x-gzip": ["X-GZip", gzipSync(TEXT)],
  deflate: ["deflate", deflateSync(TEXT)],
  "deflate without a header": ["deflate", deflateRawSync(TEXT)],
  br: ["br", brotliCompressSync(TEXT)],
  zstd: ["zstd", zstdCompressSync(TEXT)],
  "gzip, then br": ["gzip, br", brotliCompressSync(gzipSync(TEXT))],
};

async function executorOf() {
  return await connect((await sharedServer()).url);
}

describe("a body that is compressed", () => {
  test.each(Object.keys(BODIES))("by %s is decoded, and fails when it is cut off", async (name) => {
    const [coding, body] = BODIES[name] ?? ["", Buffer.alloc(0)];
    await using origin = await webOrigin(({ url }, response) => {
      const sent = url === "/whole" ? body : body.subarray(0, -20);
      response.writeHead(200, { "content-encoding": coding, "content-length": sent.length }).end(sent);
    });
    await using executor = await executorOf();
    const response = await executor.fetch(`${origin.url}/whole`);
    expect([response.headers.get("content-encoding"), response.headers.get("content-length")]).toEqual([null, null]);
    expect((await response.text()) === TEXT).toBe(true);
    const cut = await executor.fetch(`${origin.url}/cut`);
    await expect(cut.text()).rejects.toMatchObject({
      name: "HttpBodyError",
      code: "broken",
      message: expect.stringContaining("unexpected end of file"),
    });
    const raw = await executor.fetch(`${origin.url}/whole`, { decode: false });
    expect(raw.headers.get("content-encoding")).toBe(coding);
    expect(Buffer.from(await raw.arrayBuffer()).equals(body)).toBe(true);
  });

  test.each(["gzip", "deflate", "br", "zstd"])("by no %s fails, and ends its request", async (coding) => {
    await using origin = await webOrigin((_, response) => {
      response.writeHead(200, { "content-encoding": coding }).write(Buffer.alloc(100_000, "no such coding "));
    });
    await using executor = await executorOf();
    const response = await executor.fetch(origin.url);
    await expect(response.text()).rejects.toMatchObject({
      name: "HttpBodyError",
      code: "broken",
      message: expect.stringContaining("content-encoding"),
    });
    await until(() => origin.openSockets === 0);
  });

  test("that its server breaks off fails as one that is not compressed", async () => {
    await using origin = await webOrigin((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": 1_000_000 });
      response.write(gzipSync(TEXT).subarray(0, 100_000), () => response.destroy());
    });
    await using executor = await executorOf();
    await expect((await executor.fetch(origin.url)).text()).rejects.toMatchObject({
      name: "HttpBodyError",
      code: "broken",
      message: expect.not.stringContaining("content-encoding"),
    });
  });

  test("is asked for by what can be decoded, unless the caller asks", async () => {
    const asked: (string | undefined)[] = [];
    await using origin = await webOrigin(({ headers }, response) => {
      asked.push(headers["accept-encoding"]?.toString());
      response.end();
    });
    await using executor = await executorOf();
    for (const init of [
      {},
      { headers: { "Accept-Encoding": "br" } },
      { headers: { range: "bytes=0-1" } },
      { decode: false },
    ]) {
      await (await executor.fetch(origin.url, init)).text();
    }
    expect(asked).toEqual(["gzip, deflate, br, zstd", "br", "identity", undefined]);
  });

  test("by what is not known, in part, or of no length stays as it came", async () => {
    await using origin = await webOrigin(({ url }, response) => {
      const [coding, status, body] =
        url === "/strange"
          ? (["gzip, strange", 200, "raw"] as const)
          : (["gzip", Number(url?.slice(1)), url === "/206" ? "part" : ""] as const);
      response.writeHead(status, { "content-encoding": coding }).end(body);
    });
    await using executor = await executorOf();
    const told = async (path: string, init = {}) => {
      const response = await executor.fetch(`${origin.url}${path}`, init);
      return [response.headers.get("content-encoding"), await response.text()];
    };
    expect(await told("/strange")).toEqual(["gzip, strange", "raw"]);
    expect(await told("/206")).toEqual(["gzip", "part"]);
    expect(await told("/204")).toEqual(["gzip", ""]);
    expect(await told("/304")).toEqual(["gzip", ""]);
    expect(await told("/200", { method: "HEAD" })).toEqual(["gzip", ""]);
    expect(await told("/200")).toEqual([null, ""]);
  });
});

describe("a body that grows without bound as it is decoded", () => {
  const PIECE = Buffer.alloc(1_048_576);
  const BOMBS = {
    gzip: () => createGzip(),
    br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
    zstd: () => createZstdCompress(),
  };

  test.each(Object.keys(BOMBS) as (keyof typeof BOMBS)[])(
    "by %s waits for its reader, and ends with it",
    async (coding) => {
      let madeBytes = 0;
      await using origin = await webOrigin((_, response) => {
        response.writeHead(200, { "content-encoding": coding });
        const bomb = BOMBS[coding]();
        bomb.pipe(response);
        response.on("close", () => bomb.destroy());
        // 4 GiB: all that goes out of them is a few MiB.
        const grow = (): void => {
          if (bomb.destroyed || madeBytes >= 4 * 1_073_741_824) return;
          madeBytes += PIECE.length;
          bomb.write(PIECE, grow);
        };
        grow();
      });
      await using executor = await executorOf();
      const reader = (await executor.fetch(origin.url)).body?.getReader();
      const before = process.memoryUsage();
      let readBytes = 0;
      while (readBytes < 16 * PIECE.length) {
        const { value } = (await reader?.read()) ?? {};
        expect(value?.byteLength).toBeLessThanOrEqual(PIECE.length);
        readBytes += value?.byteLength ?? 0;
      }
      // What is not read is not decoded.
      await until(() => madeBytes > 64 * PIECE.length);
      const { arrayBuffers } = process.memoryUsage();
      expect(arrayBuffers - before.arrayBuffers).toBeLessThan(48 * PIECE.length);
      await reader?.cancel();
      await until(() => origin.openSockets === 0);
    },
  );

  test("is refused where zstd asks for more memory than the web allows", async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_compressionLevel]: 1 };
    await using origin = await webOrigin((_, response) => {
      const zstd = createZstdCompress({ params });
      zstd.pipe(response.writeHead(200, { "content-encoding": "zstd" }));
      for (let mib = 0; mib < 20; mib += 1) zstd.write(PIECE);
      zstd.end();
    });
    await using executor = await executorOf();
    const response = await executor.fetch(origin.url);
    await expect(response.arrayBuffer()).rejects.toMatchObject({ name: "HttpBodyError", code: "broken" });
  });
});

describe("events that a server compresses", () => {
  const FLUSHED = {
    gzip: () => createGzip({ flush: constants.Z_SYNC_FLUSH }),
    br: () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
    zstd: () => createZstdCompress({ flush: constants.ZSTD_e_flush }),
  };

  test.each(Object.keys(FLUSHED) as (keyof typeof FLUSHED)[])(
    "by %s come one by one, and giving up ends the request",
    async (coding) => {
      const nexts: (() => void)[] = [];
      await using origin = await webOrigin((_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": coding });
        const zip = FLUSHED[coding]();
        zip.pipe(response);
        let count = 0;
        // The next one is sent only when the last has been read.
        const next = (): void => {
          count += 1;
          zip.write(`data: ${count}\n\n`);
        };
        nexts.push(next);
        next();
      });
      await using executor = await executorOf();
      const response = await executor.fetch(origin.url);
      const seen: string[] = [];
      for await (const text of response.body?.pipeThrough(new TextDecoderStream() as never) ?? []) {
        seen.push(String(text));
        if (seen.length === 4) break;
        nexts[0]?.();
      }
      expect(seen).toEqual([1, 2, 3, 4].map((count) => `data: ${count}\n\n`));
      await until(() => origin.openSockets === 0);
    },
  );

  test.each(["unread", "read in part"])("end their request when the response is dropped, %s", async (how) => {
    await using origin = await webOrigin((_, response) => {
      const zip = createGzip({ flush: constants.Z_SYNC_FLUSH });
      zip.pipe(response.writeHead(200, { "content-encoding": "gzip" }));
      zip.write("one");
    });
    await using executor = await executorOf();
    let response: Response | undefined = await executor.fetch(origin.url);
    if (how === "read in part") {
      const reader = response.body?.getReader();
      await reader?.read();
      reader?.releaseLock();
    }
    expect(origin.openSockets).toBe(1);
    response = undefined;
    await until(() => {
      collectGarbage();
      return origin.openSockets === 0;
    });
  });

  test("fail at once when their time is over, or their caller gives up", async () => {
    await using origin = await webOrigin((_, response) => {
      const zip = createGzip({ flush: constants.Z_SYNC_FLUSH });
      zip.pipe(response.writeHead(200, { "content-encoding": "gzip" }));
      zip.write("one");
    });
    await using executor = await executorOf();
    const giveUp = new AbortController();
    for (const [init, name] of [
      [{ timeoutMs: 500 }, "TimeoutError"],
      [{ signal: giveUp.signal }, "AbortError"],
    ] as const) {
      const reader = (await executor.fetch(origin.url, init)).body?.getReader();
      expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe("one");
      const next = reader?.read();
      if (name === "AbortError") giveUp.abort();
      await expect(next).rejects.toMatchObject({ name });
      await until(() => origin.openSockets === 0);
    }
  });
});
