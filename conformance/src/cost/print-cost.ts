import { type CostChoice, costTable, MAX_TURN_MS, runCost } from "./run-cost.ts";

/** Run and print. Returns whether no request was too costly. */
export async function printCost(choice: CostChoice, print: (line: string) => void): Promise<boolean> {
  print(`seed ${choice.seed}`);
  const report = await runCost(choice, print);
  for (const line of costTable(report)) print(line);
  const { length } = report.findings;
  print(`${report.asked} requests, ${length} of them held the event loop for more than ${MAX_TURN_MS} ms`);
  return length === 0;
}
