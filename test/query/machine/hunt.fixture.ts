// Runs in a separate process, because DuckDB may crash. Prints all results so far as JSON after each round.
import { writeFileSync } from 'node:fs';
import { type Findings, hunt, type Limits } from './hunt.ts';

const [limits = '', trace = ''] = process.argv.slice(2);

const print = ({ counts, faults, others }: Findings): void => {
  process.stdout.write(`${JSON.stringify({ counts, faults, others })}\n`);
};
print(await hunt(JSON.parse(limits) as Limits, { trace: sql => writeFileSync(trace, sql), onRound: print }));
process.exit(0);
