import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Transform } from "node:stream";
import { CutCounter, CutPoint } from "./cut.ts";
import { Delay } from "./delay.ts";
import type { Direction } from "./direction.ts";
import { Doorkeeper } from "./refuse.ts";
import { RelayedConnection } from "./relayed-connection.ts";
import { SlowReader, type SlowReaderOptions } from "./slow-reader.ts";

/** How a line is bad from the start. */
export interface BadLineOptions {
  /** Time that every byte takes, each way, milliseconds: 40 makes a round trip of 80. Default 0. */
  readonly delayMs?: number | undefined;
  /** How the client's end reads what the server sends. */
  readonly slowClient?: SlowReaderOptions | undefined;
  /** How the server's end reads what the client sends. */
  readonly slowServer?: SlowReaderOptions | undefined;
}

/**
 * A TCP line to a server that goes bad when told: cut, cut in the middle of a frame, stalled, delayed, slow, refused.
 * Disposing of it resets all its connections.
 */
export class BadLine implements AsyncDisposable {
  readonly #target: URL;
  readonly #options: BadLineOptions;
  readonly #server: Server;
  readonly #connections = new Set<RelayedConnection>();
  readonly #door = new Doorkeeper();
  readonly #counters: Readonly<Record<Direction, CutCounter>> = { up: new CutCounter(), down: new CutCounter() };
  readonly #bytes: Record<Direction, number> = { up: 0, down: 0 };
  #connectionCount = 0;

  private constructor(target: URL, options: BadLineOptions) {
    this.#target = target;
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (near) => {
      if (!this.#door.admits(near)) return;
      this.#connectionCount += 1;
      const connection = new RelayedConnection(
        near,
        this.#target,
        (direction) => this.#stagesOf(direction),
        (gone) => this.#connections.delete(gone),
      );
      this.#connections.add(connection);
    });
  }

  /** Stand between clients and the server at `url` (`ws:`, or any URL with a host and a port). */
  static async to(url: string | URL, options: BadLineOptions = {}): Promise<BadLine> {
    const line = new BadLine(new URL(url), options);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  /** What clients are to connect to: the target's URL with the host and the port of this line. */
  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.pathname === "/" && url.search === "" ? url.href.slice(0, -1) : url.href;
  }

  /** Connections that were let in so far. */
  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** Connections that were turned away so far. */
  get refusedCount(): number {
    return this.#door.refusedCount;
  }

  /** Connections that are there now. */
  get openCount(): number {
    return this.#connections.size;
  }

  /** Bytes of one direction that have passed, over all connections. */
  bytesOf(direction: Direction): number {
    return this.#bytes[direction];
  }

  /** Reset every connection at both ends, at once. New ones go through. */
  cut(): void {
    for (const connection of [...this.#connections]) connection.cut();
  }

  /**
   * Let exactly `bytes` more pass in one direction, then cut all connections: in the middle of a frame, if they end
   * there. Counts over all connections, strikes once; a second call replaces the first of that direction.
   */
  cutAfter(direction: Direction, bytes: number): void {
    this.#counters[direction].arm(bytes, () => this.cut());
  }

  /** Let nothing pass on the connections there are, and tell neither end. New ones go through. */
  stall(): void {
    for (const connection of this.#connections) connection.stall();
  }

  /**
   * Let exactly `bytes` more pass in one direction, then stall: the far end is left with a part of a frame. Shares its
   * counter with {@link BadLine.cutAfter}.
   */
  stallAfter(direction: Direction, bytes: number): void {
    this.#counters[direction].arm(bytes, () => this.stall());
  }

  /** Pass on what a stall held back. */
  resume(): void {
    for (const connection of this.#connections) connection.resume();
  }

  /** Reset new connections as soon as they come, until {@link BadLine.admit}. */
  refuse(): void {
    this.#door.refuse();
  }

  admit(): void {
    this.#door.admit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#door.refuse();
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #stagesOf(direction: Direction): Transform[] {
    const { delayMs = 0, slowClient, slowServer } = this.#options;
    const slow = direction === "down" ? slowClient : slowServer;
    const count = (bytes: number): void => {
      this.#bytes[direction] += bytes;
    };
    return [
      ...(slow === undefined ? [] : [new SlowReader(slow)]),
      ...(delayMs === 0 ? [] : [new Delay(delayMs)]),
      new CutPoint(this.#counters[direction], count),
    ];
  }
}
