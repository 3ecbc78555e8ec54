/** What is to be seen while a command of a turn runs. */
export const COMMAND_RUNS = "1 background terminal running";

/** Whether a text is to be seen below the last place of another one. */
export function after(above: string, text: string): (screen: string) => boolean {
  return (screen) => {
    const at = screen.lastIndexOf(above);
    return at >= 0 && screen.slice(at).includes(text);
  };
}

/** What is below the last place of a text. */
export function below(above: string, screen: string): string {
  const at = screen.lastIndexOf(above);
  return at < 0 ? "" : screen.slice(at + above.length);
}
