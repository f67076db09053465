import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest suites, the slowest first. */
const LONG = ['test/faults/', 'test/changes/', 'test/query/machine/', 'test/smoke/', 'test/acceptance/'];

/** Starts the slowest suites first, so that no worker idles at the end; needs no times of an earlier run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex(folder => moduleId.replaceAll('\\', '/').includes(`/${folder}`));
      return found < 0 ? LONG.length : found;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}
