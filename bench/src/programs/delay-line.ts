import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/*
 * delay-line.ts URL MILLISECONDS
 *
 * Hands every byte on a fixed time after it came, in both directions. Prints its port to the parent.
 */

const [url = "", delay = "0"] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const delayMs = Number(delay);

/** Timers are a millisecond coarse: one wakes early, and the rest of the time is waited out turn by turn. */
const COARSE_MS = 2;

/** Acts one after the other, each a fixed time after it was put in. */
class Later {
  readonly #acts: { readonly dueMs: number; readonly act: () => void }[] = [];
  #waiting = false;

  put(act: () => void): void {
    this.#acts.push({ dueMs: performance.now() + delayMs, act });
    if (!this.#waiting) this.#wait();
  }

  #wait(): void {
    this.#waiting = false;
    for (let first = this.#acts[0]; first !== undefined; first = this.#acts[0]) {
      const leftMs = first.dueMs - performance.now();
      if (leftMs > 0) {
        this.#waiting = true;
        if (leftMs > COARSE_MS) setTimeout(() => this.#wait(), leftMs - COARSE_MS);
        else setImmediate(() => this.#wait());
        return;
      }
      this.#acts.shift();
      first.act();
    }
  }
}

function relay(from: Socket, to: Socket): void {
  const later = new Later();
  from.on("data", (bytes) => later.put(() => to.write(bytes)));
  from.on("close", () => later.put(() => to.destroy()));
  from.on("error", () => {});
}

const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: hostname, port: Number(port), noDelay: true });
  relay(near, far);
  relay(far, near);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
