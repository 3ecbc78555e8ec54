import type { Peer } from "../joins.ts";
import type { FuzzCase } from "./case.ts";
import { FuzzedExecutor } from "./fuzzed-executor.ts";
import { type Patience, Player } from "./player.ts";

/** After 8 failed handshakes an executor refuses all others for a while: by then there is a new one. */
const FAILURES_OF_ONE = 7;
/** What one case may take of them. */
const FAILURES_OF_CASE = 2;

const PATIENCE: Patience = { quietMs: 80, answerMs: 5_000 };
/** Told apart are only verdicts that stay what they are. */
const MORE_PATIENCE: Patience = { quietMs: 600, answerMs: 8_000 };

/** What both made of one case. */
export interface Verdicts {
  readonly theirs: string;
  readonly ours: string;
}

type Players = readonly [Player, Player];

/** Two executors that are sent the same. Others take their place before they have seen too many failures. */
export class Pair implements AsyncDisposable {
  readonly #peers: readonly [Peer, Peer];
  readonly #cwd: string;
  #players: Players | undefined;
  #next: Promise<Players> | undefined;
  #opened = 0;
  /** Executors that were started so far, of each kind. */
  started = 0;

  constructor(peers: readonly [Peer, Peer], cwd: string) {
    this.#peers = peers;
    this.#cwd = cwd;
  }

  play(played: FuzzCase, name: string): Promise<Verdicts> {
    return this.#play(played, name, PATIENCE);
  }

  /** With streams and executors of its own, and time. */
  async replay(played: FuzzCase, name: string): Promise<Verdicts> {
    for (const player of this.#players ?? []) player.retire();
    return await this.#play(played, name, MORE_PATIENCE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end(this.#players);
    await this.#end(await this.#next?.catch(() => undefined));
  }

  async #play(played: FuzzCase, name: string, patience: Patience): Promise<Verdicts> {
    const players = await this.#fresh();
    if (played.stage !== "handshake") await this.#open(players);
    const [theirs, ours] = await Promise.all([
      players[0].play(played, name, patience),
      players[1].play(played, name, patience),
    ]);
    return { theirs, ours };
  }

  /** Both have a stream of the same name. */
  async #open(players: Players): Promise<void> {
    if (players.every(({ hasLive }) => hasLive)) return;
    for (const player of players) player.retire();
    this.#opened += 1;
    await Promise.all(players.map((player) => player.open(`live-${this.#opened}`, MORE_PATIENCE)));
  }

  async #fresh(): Promise<Players> {
    const players = this.#players;
    const isUsable = ({ failures, isClosed }: Player): boolean =>
      !isClosed && failures + FAILURES_OF_CASE <= FAILURES_OF_ONE;
    if (players?.every(isUsable)) return players;
    const taken = await (this.#next ?? this.#start());
    this.#players = taken;
    this.#next = this.#start();
    // Whoever takes them hears of it.
    this.#next.catch(() => {});
    await this.#end(players);
    return taken;
  }

  async #start(): Promise<Players> {
    this.started += 1;
    const [theirs, ours] = await Promise.all(this.#peers.map((peer) => FuzzedExecutor.start(peer, this.#cwd)));
    if (theirs === undefined || ours === undefined) throw new Error("two executors make a pair");
    return [new Player(theirs), new Player(ours)];
  }

  async #end(players: Players | undefined): Promise<void> {
    await Promise.all((players ?? []).map(({ executor }) => executor[Symbol.asyncDispose]()));
  }
}
