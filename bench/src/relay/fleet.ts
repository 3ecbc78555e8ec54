import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  decodeFrame,
  encodeFrame,
  publicKeyToJson,
  type RegisterResponse,
  readConnectResponse,
  readRegisterResponse,
  SECURITY_PROFILE,
} from "@holdfast/relay-protocol";
import { generateIdentity } from "@holdfast/relay-protocol/noise";
import { type RawData, WebSocket } from "ws";
import { residentMib } from "../resident.ts";
import { KIB, MIB } from "../units.ts";
import type { BenchRelay } from "./served-relay.ts";

/** How many executors are connected, and how many streams carry something. */
export interface FleetSizes {
  readonly executors: number;
  readonly streams: number;
  readonly seconds: number;
}

export interface FleetRow {
  readonly what: string;
  readonly memoryMib: number;
  /** Of one core. */
  readonly cpuShare: number;
  /** MiB per second in both directions together. */
  readonly rate: number;
  /** Milliseconds. */
  readonly echoes: readonly number[];
}

/** A stream says so much at a time, and again a little after it has come back. */
const RECORD_BYTES = 16 * KIB;
const PAUSE_MS = 100;
/** Streams of one executor. */
const STREAMS_EACH = 10;
/** Dialled at the same time. */
const DIALS = 20;
const TICKS_PER_SECOND = 100;

/** The relay looks at names alone: what is carried need not be sealed. Ends whatever it opened. */
export async function measureFleet(
  relay: BenchRelay,
  { executors, streams, seconds }: FleetSizes,
): Promise<FleetRow[]> {
  const sockets: WebSocket[] = [];
  const key = publicKeyToJson(generateIdentity().publicKey);
  const post = async (id: string, action: string, token: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${relay.url}/cloud/environment/${id}/${action}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  };
  const open = async (url: string): Promise<WebSocket> => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    sockets.push(socket);
    await once(socket, "open");
    return socket;
  };
  const addExecutor = async (index: number): Promise<void> => {
    const body = { security_profile: SECURITY_PROFILE, executor_public_key: key };
    const id = `fleet-${index}`;
    const registered: RegisterResponse = readRegisterResponse(
      await post(id, "register", relay.executorToken, body),
      id,
    );
    const socket = await open(registered.url);
    socket.on("message", (data: RawData) => {
      const frame = data as Buffer;
      if (decodeFrame(frame).body.kind === "data") socket.send(frame);
    });
  };
  let isOver = false;
  const echoes: number[] = [];
  let carried = 0;
  const addStream = async (index: number): Promise<void> => {
    const streamId = crypto.randomUUID();
    const body = { harness_public_key: key };
    const id = `fleet-${Math.floor(index / STREAMS_EACH)}`;
    const socket = await open(readConnectResponse(await post(id, "connect", relay.clientToken, body), id).url);
    socket.send(encodeFrame({ streamId, body: { kind: "resume", nextSequence: 0 } }));
    let begin = 0;
    let sequence = 0;
    const say = (): void => {
      if (isOver) return;
      begin = performance.now();
      const payload = randomBytes(RECORD_BYTES);
      socket.send(encodeFrame({ streamId, body: { kind: "data", sequence, payload } }));
      sequence += 1;
    };
    socket.on("message", () => {
      echoes.push(performance.now() - begin);
      carried += 2 * RECORD_BYTES;
      setTimeout(say, PAUSE_MS);
    });
    say();
  };
  const rows: FleetRow[] = [];
  const measure = async (what: string): Promise<void> => {
    echoes.length = 0;
    carried = 0;
    const before = cpuSeconds(relay.pid);
    const begin = performance.now();
    await sleep(seconds * 1_000);
    const took = (performance.now() - begin) / 1_000;
    rows.push({
      what,
      memoryMib: residentMib(relay.pid),
      cpuShare: (cpuSeconds(relay.pid) - before) / took,
      rate: carried / MIB / took,
      echoes: [...echoes],
    });
  };
  try {
    await measure("nobody");
    await inTurns(executors, addExecutor);
    await measure(`${executors} idle executors`);
    await inTurns(streams, addStream);
    await measure(`and ${streams} busy streams`);
  } finally {
    isOver = true;
    for (const socket of sockets) socket.terminate();
  }
  return rows;
}

async function inTurns(count: number, add: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await add(index);
  };
  await Promise.all(Array.from({ length: Math.min(DIALS, count) }, work));
}

/** Of user and system together. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user + system) / TICKS_PER_SECOND;
}
