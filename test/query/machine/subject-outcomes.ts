import { type Outcome, readsOrder } from './outcomes.ts';
import { printQuery } from './print-query.ts';
import type { QueryLab } from './query-lab.ts';
import type { Subject } from './query-machine.ts';
import type { Query } from './query-tree.ts';

export interface SubjectOutcome {
  readonly subject: Subject;
  readonly outcome: Outcome;
}

const textOf = ({ query }: Subject): string => printQuery(query);

/** Outcomes of subjects that share one upstream node, or have none. */
export async function outcomesOf(all: readonly Subject[], lab: QueryLab): Promise<readonly SubjectOutcome[]> {
  const subjects = [...new Map(all.map(subject => [textOf(subject), subject])).values()];
  const upstream = subjects[0]?.upstream ?? null;
  const belowOrder = upstream && (await setUpstream(upstream, lab));
  if (upstream && belowOrder === null) return [];
  const texts = subjects.map(subject => printQuery(subject.query));
  const analyses = await lab.analyse(texts);
  const found: SubjectOutcome[] = [];
  for (const [index, subject] of subjects.entries()) {
    const [analysis, sql = ''] = [analyses[index], texts[index]];
    if (analysis)
      found.push({ subject, outcome: { sql, analysis, rows: await lab.run(sql), belowOrder: belowOrder === true } });
  }
  return found;
}

/** Whether the order of rows may affect the node's data; null if it cannot be built. */
async function setUpstream(upstream: Query, lab: QueryLab): Promise<boolean | null> {
  const sql = printQuery(upstream);
  const [analysis] = await lab.analyse([sql]);
  if (!analysis || !(await lab.setUpstream(sql, analysis))) return null;
  return readsOrder({ sql, analysis, rows: [] });
}
