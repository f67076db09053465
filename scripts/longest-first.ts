import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The suites that take longest, so that none of them is left for the end with a worker idle. */
const LONG = ['test/faults/', 'test/changes/', 'test/query/machine/', 'test/smoke/', 'test/acceptance/'];

/** Starts the longest suites first, on a machine that has no times of an earlier run too. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex(folder => moduleId.replaceAll('\\', '/').includes(`/${folder}`));
      return found < 0 ? LONG.length : found;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}
