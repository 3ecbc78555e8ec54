import { describe, expect, test } from "vitest";
import { Line } from "../wire/line.ts";
import { RawOrigin } from "./raw-origin.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKS = "2\r\nok\r\n0\r\n\r\n";

interface Told {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function whole(line: Line, url: string): Promise<Told> {
  const { status, headers, bodyBase64 } = await line.call("http/request", { method: "GET", url, requestId: "w" });
  return { status, body: Buffer.from(bodyBase64, "base64").toString("latin1"), headers: told(headers) };
}

async function streamed(line: Line, url: string): Promise<Told> {
  const params = { method: "GET", url, requestId: "s", streamResponse: true };
  const { status, headers } = await line.call("http/request", params);
  const pieces = () => line.notices.filter(({ params: { requestId } }) => requestId === "s");
  await line.when(() => pieces().some(({ params: { done } }) => done === true));
  expect(pieces().at(-1)?.params.error).toBeNull();
  const body = Buffer.concat(pieces().map((piece) => Buffer.from(String(piece.params.deltaBase64), "base64")));
  return { status, body: body.toString("latin1"), headers: told(headers) };
}

function told(headers: readonly { name: string; value: string }[]): Told["headers"] {
  return Object.fromEntries(headers.map(({ name, value }, index) => [`${index} ${name}`, value]));
}

const ANSWERS: readonly [name: string, answer: string, status: number, body: string, headers: Told["headers"]][] = [
  [
    "a 304 that tells the length there would be",
    "HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n",
    304,
    "",
    { "0 content-length": "9" },
  ],
  ["a 204 with a length", "HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", 204, "", { "0 content-length": "5" }],
  ["a 204 with a body", "HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\nhello", 204, "", { "0 content-length": "5" }],
  [
    "the same length twice",
    `${OK}Content-Length: 2\r\nX-A: b\r\ncontent-length:2\r\n\r\nok`,
    200,
    "ok",
    { "0 content-length": "2", "1 x-a": "b", "2 content-length": "2" },
  ],
  ["the same length as a list", `${OK}Content-Length: 2 , 2\r\n\r\nok`, 200, "ok", { "0 content-length": "2 , 2" }],
  [
    "a length beside chunks",
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    200,
    "ok",
    { "0 content-length": "5", "1 transfer-encoding": "chunked" },
  ],
  [
    "a length after chunks",
    `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${CHUNKS}`,
    200,
    "ok",
    { "0 transfer-encoding": "chunked", "1 content-length": "5" },
  ],
  [
    "a length beside another encoding, up to the end",
    `${OK}Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nok`,
    200,
    "ok",
    { "0 transfer-encoding": "identity", "1 content-length": "1" },
  ],
  [
    "lines without carriage returns",
    "HTTP/1.1 200 OK\nX-A: b\r\nContent-Length: 2\n\nok",
    200,
    "ok",
    { "0 x-a": "b", "1 content-length": "2" },
  ],
  [
    "interim answers before it",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
    200,
    "ok",
    { "0 content-length": "2" },
  ],
  ["an empty line before it", `\r\n${OK}Content-Length: 2\r\n\r\nok`, 200, "ok", { "0 content-length": "2" }],
  [
    "space around a value",
    `${OK}X-A:  b \t\r\nContent-Length: 2\r\n\r\nok`,
    200,
    "ok",
    { "0 x-a": "b", "1 content-length": "2" },
  ],
];

describe.each([
  ["whole", whole],
  ["streamed", streamed],
])("an answer that is read %s", (_, ask) => {
  test.each(ANSWERS)("is told as the server meant it: %s", async (_name, answer, status, body, headers) => {
    const [atOnce, byByte] = [[answer], [...answer]];
    await using origin = await RawOrigin.with({ atOnce, byByte });
    await using line = await Line.ready();
    expect(await ask(line, `${origin.url}/atOnce`)).toEqual({ status, body, headers });
    await using again = await Line.ready();
    expect(await ask(again, `${origin.url}/byByte`)).toEqual({ status, body, headers });
  });
});

test.each([
  ["lengths that differ", `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nokx`],
  ["lengths that differ in a list", `${OK}Content-Length: 2, 3\r\n\r\nokx`],
  ["a length that is no number", `${OK}Content-Length: 0x2\r\n\r\nok`],
  ["a name with a space", `${OK}X A: b\r\nContent-Length: 2\r\n\r\nok`],
  ["a folded line", `${OK}X-A: b\n c\r\nContent-Length: 2\r\n\r\nok`],
  ["a head that never ends", `${OK}${"X-A: b\r\n".repeat(40_000)}`],
  ["no head at all", "ok"],
  ["half a head", `${OK}X-A`],
])("an answer that nobody can be sure about is refused: %s", async (_, answer) => {
  await using origin = await RawOrigin.with({ odd: [answer] });
  await using line = await Line.ready();
  await expect(whole(line, `${origin.url}/odd`)).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining("http/request failed: error sending request for url"),
  });
});

test("a body that is shorter than its one length still fails", async () => {
  await using origin = await RawOrigin.with({ short: [`${OK}Content-Length: 5\r\n\r\nok`] });
  await using line = await Line.ready();
  await expect(whole(line, `${origin.url}/short`)).rejects.toMatchObject({
    message: expect.stringContaining("error decoding response body: the server closed before its end"),
  });
});

test("a connection is used again after an odd answer that leaves no doubt, and not after one that does", async () => {
  const answers = {
    notModified: ["HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n"],
    twice: [`${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`],
    both: [`${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n${CHUNKS}`],
  };
  await using origin = await RawOrigin.with(answers, "stay");
  await using line = await Line.ready();
  for (const name of ["notModified", "twice", "notModified"]) await whole(line, `${origin.url}/${name}`);
  expect(origin.connections).toBe(1);
  for (const name of ["both", "both"]) expect((await whole(line, `${origin.url}/${name}`)).body).toBe("ok");
  expect(origin.connections).toBe(2);
});

test("what describes the connection is the executor's: such headers of a request are left out", async () => {
  await using origin = await RawOrigin.with({ x: [`${OK}Content-Length: 2\r\n\r\nok`] });
  await using line = await Line.ready();
  const names = ["keep-alive", "transfer-encoding", "upgrade", "expect"];
  const headers = [...names.map((name) => ({ name, value: "x" })), { name: "content-length", value: "2" }];
  await line.call("http/request", {
    method: "POST",
    url: `${origin.url}/x`,
    requestId: "r",
    headers: [...headers, { name: "Content-Length", value: "2" }],
    bodyBase64: Buffer.from("hi").toString("base64"),
  });
  const [request = ""] = origin.requests;
  expect(request.match(/^[a-z-]+(?=:)/gm)?.sort()).toEqual(["accept", "connection", "content-length", "host"]);
  expect(request).toContain("content-length: 2\r\n\r\nhi");
});
