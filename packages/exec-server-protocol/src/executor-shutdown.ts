/**
 * How this project's executor closes its connections when it ends itself: its sessions and all that ran in them are gone. The
 * reference peer closes the socket without a word. Something in between may close with the same code for reasons of its own,
 * so the words count, too.
 */
export const EXECUTOR_SHUTDOWN = { code: 1001, reason: "the executor is shutting down" } as const;
