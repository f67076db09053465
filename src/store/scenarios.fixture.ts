import { draft, storeNode } from './store.fixture.ts';
import type { StoreWriter } from './store-writer.ts';

/** What a child process of a test does to a store. */
export const SCENARIOS = {
  async hold() {
    process.stdout.write('held\n');
    await new Promise(resolve => setTimeout(resolve, 60_000));
  },
  async append(writer: StoreWriter) {
    const before = writer.current(null)?.nodes ?? [];
    const entry = await storeNode(writer, { id: `transform.p${process.pid}`, data: `${process.pid}` });
    await writer.switchTo(null, draft([...before, entry]));
  },
} satisfies Readonly<Record<string, (writer: StoreWriter) => Promise<unknown>>>;

export type Scenario = keyof typeof SCENARIOS;
