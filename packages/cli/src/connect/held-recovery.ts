/** How long a line is held for others, seconds: longer than for a command of one's own, which can be taken up again. */
export const HELD_RECOVERY_SECONDS = 600;
