import { memoryLink } from "@holdfast/rpc/memory";
import { FakeAppServer } from "@holdfast/testkit/servers";
/** A server that can be reached again and again; each connection is one of its own. */
export class Dialler {
    /** The server's end of every connection so far. */
    servers = [];
    /** Why nobody is there; undefined when somebody is. */
    refusal;
    attempts = 0;
    #handlers;
    constructor(handlers = {}) {
        this.#handlers = handlers;
    }
    get last() {
        const server = this.servers.at(-1);
        if (server === undefined)
            throw new Error("nobody has connected");
        return server;
    }
    async dial() {
        this.attempts += 1;
        if (this.refusal !== undefined)
            throw new Error(this.refusal);
        const [near, far] = memoryLink();
        this.servers.push(new FakeAppServer(far, this.#handlers));
        return near;
    }
}
