import { AT, DEV, draft, storeNode } from './store.fixture.ts';
import type { StoreWriter } from './store-writer.ts';

/** What a child process of a test does to a store; production of `source.a` and `transform.b` is there before. */
export const SCENARIOS = {
  async run(writer: StoreWriter) {
    const [a] = writer.current(null)?.nodes ?? [];
    const known = writer.artefactsNamed('fingerprint-run')[0];
    const entry = await storeNode(writer, { id: 'transform.b', data: 'run' });
    const node = known === undefined ? entry : { ...entry, artefact: known };
    await writer.recordAttempt({ at: AT, status: 'done', failed: [] });
    if (a && writer.head(null) === 1) await writer.switchTo(null, draft([a, node]));
  },
  async apply(writer: StoreWriter) {
    const [a] = writer.current(null)?.nodes ?? [];
    const entry = await storeNode(writer, { id: 'transform.b', data: 'applied' });
    await writer.writePlan(DEV, '{"fingerprint":"p"}', 'manifest');
    if (a)
      await writer.switchTo(
        DEV,
        draft([a, entry], { cause: 'apply', plan: 'p', base: { lineage: writer.lineage ?? '', serial: 1 } }),
      );
    await writer.markEnvironment(DEV, 'applied', new Date(AT));
  },
  async promote(writer: StoreWriter) {
    if (writer.environmentConfig(DEV)?.status !== 'applied') return;
    const nodes = writer.current(DEV)?.nodes ?? [];
    await writer.switchTo(null, draft(nodes, { cause: 'promote', from: DEV, plan: 'p' }));
    await writer.followProduction(DEV, new Date(AT));
  },
  async delete(writer: StoreWriter) {
    if (writer.environmentNames().includes(DEV)) await writer.deleteEnvironment(DEV);
  },
  async rollback(writer: StoreWriter) {
    const earlier = writer.generation(null, 1);
    if (earlier && writer.current(null)?.cause !== 'rollback')
      await writer.switchTo(null, draft(earlier.nodes, { cause: 'rollback' }));
  },
  async cleanup(writer: StoreWriter) {
    const expired = writer.environmentNames().filter(name => name === DEV);
    await writer.collect({ now: new Date('2100-01-01'), retention: { generations: 1, days: 0 }, expired });
  },
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
