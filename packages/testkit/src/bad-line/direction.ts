/** Which way bytes go: `up` from the client to the server, `down` from the server to the client. */
export type Direction = "up" | "down";
