import { allColumns, contradiction, orderSeen, promisesOf } from './outcomes.ts';
import { printQuery } from './print-query.ts';
import type { QueryLab } from './query-lab.ts';
import type { Fault, Subject } from './query-machine.ts';
import type { Query } from './query-tree.ts';
import { simplifications } from './simplifications.ts';
import { outcomesOf, type SubjectOutcome } from './subject-outcomes.ts';

const MOST_ROUNDS = 40;

const textOf = ({ query, upstream }: Subject): string => printQuery(query) + (upstream ? printQuery(upstream) : '');
const sizeOf = (subjects: readonly Subject[]): number =>
  subjects.reduce((sum, subject) => sum + textOf(subject).length, 0);

/** The smallest queries that still show a fault; each is simplified independently. */
export async function shrunk(fault: Fault, lab: QueryLab): Promise<Fault> {
  let current = fault;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const smaller = await smallerFault(current, lab);
    if (smaller === null) return current;
    current = smaller;
  }
  return current;
}

async function smallerFault(fault: Fault, lab: QueryLab): Promise<Fault | null> {
  const [first, second] = fault.members;
  if (!first) return null;
  const ones = await candidates(first, lab);
  if (!second) return smallest(fault, ones.flatMap(alone));
  const others = await candidates(second, lab);
  return smallest(fault, pairs(ones, others));
}

function alone({ subject, outcome }: SubjectOutcome): readonly Fault[] {
  const set = orderSeen(outcome);
  return set === null ? [] : [{ members: [{ ...subject, columns: allColumns(outcome) }], set }];
}

function pairs(ones: readonly SubjectOutcome[], others: readonly SubjectOutcome[]): readonly Fault[] {
  const byName = new Map<string, SubjectOutcome[]>();
  for (const candidate of ones) {
    for (const { name } of promisesOf(candidate.outcome)) byName.set(name, [...(byName.get(name) ?? []), candidate]);
  }
  return others.flatMap(other => {
    const alike = new Set(promisesOf(other.outcome).flatMap(({ name }) => byName.get(name) ?? []));
    return [...alike].flatMap(one => {
      const found = contradiction(one.outcome, other.outcome);
      if (found === null) return [];
      const [columns, others] = found.columns;
      return [
        {
          members: [
            { ...one.subject, columns },
            { ...other.subject, columns: others },
          ],
          set: found.set,
        },
      ];
    });
  });
}

function smallest(fault: Fault, found: readonly Fault[]): Fault | null {
  const [best] = [...found].sort((a, b) => sizeOf(a.members) - sizeOf(b.members));
  return best && sizeOf(best.members) < sizeOf(fault.members) ? best : null;
}

/** The subject and all simpler ones that run. */
async function candidates(subject: Subject, lab: QueryLab): Promise<readonly SubjectOutcome[]> {
  const variants = (query: Query): readonly Query[] => [query, ...simplifications(query)];
  if (!subject.upstream)
    return outcomesOf(
      variants(subject.query).map(query => ({ query, upstream: null })),
      lab,
    );
  const found: SubjectOutcome[] = [];
  const { query, upstream } = subject;
  found.push(
    ...(await outcomesOf(
      variants(query).map(each => ({ query: each, upstream })),
      lab,
    )),
  );
  for (const simpler of simplifications(upstream))
    found.push(...(await outcomesOf([{ query, upstream: simpler }], lab)));
  return found;
}
