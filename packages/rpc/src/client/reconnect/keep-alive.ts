/** How often the timer fires, for nothing, milliseconds: as rarely as the platform can. A recovery may last longer. */
const RARELY_MS = 2 ** 31 - 1;

/**
 * Keep the event loop running, as the socket did: without one, and with timers that hold nothing, a program would end
 * silently in the middle of an `await`. Returns the function that lets go.
 */
export function keepAlive(): () => void {
  const timer = setInterval(() => {}, RARELY_MS);
  return () => clearInterval(timer);
}
