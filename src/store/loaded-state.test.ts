import { afterEach, expect, it } from 'vitest';
import { AT, draft, LOCK, removeTestRoots, storeNode, testRoot } from './store.fixture.ts';
import { openStore } from './store-reader.ts';
import { withWriter } from './with-writer.ts';

afterEach(removeTestRoots);

it('shows the store as it was when loaded; later switches, names and comparisons are not visible', async () => {
  const root = testRoot();
  await withWriter(root, LOCK, async writer => {
    const before = await storeNode(writer, { id: 'source.a', data: 'rows' });
    await writer.switchTo(null, draft([before]));
    const state = writer.snapshot();
    const after = await storeNode(writer, { id: 'source.a', data: 'other rows' });
    writer.name('fingerprint-rows', after.artefact);
    writer.recordEqual(before.artefact, after.artefact, null, false, false);
    await writer.switchTo(null, draft([after]));
    expect(state.current(null)?.nodes.map(node => node.artefact)).toEqual([before.artefact]);
    expect(state.artefactsNamed('fingerprint-rows')).toEqual([before.artefact]);
    expect(state.equalKnown(before.artefact, after.artefact, null, false)).toBeNull();
    expect(
      writer
        .snapshot()
        .current(null)
        ?.nodes.map(node => node.artefact),
    ).toEqual([after.artefact]);
  });
});

it('knows every artefact that its generations refer to', async () => {
  const root = testRoot();
  const store = openStore(root);
  expect(store.artefact('none')).toBeNull();
  const entry = await withWriter(root, LOCK, async writer => {
    const node = await storeNode(writer, { id: 'source.a', data: 'rows' });
    await writer.switchTo(null, draft([node]));
    return node;
  });
  const state = store.snapshot();
  expect(state.current(null)?.nodes).toEqual([entry]);
  expect(state.artefact(entry.artefact)).toMatchObject({ node: 'source.a', at: AT });
  expect(state.artefactsNamed('fingerprint-rows')).toEqual([entry.artefact]);
  expect(state.definition(entry.definition)).not.toBeNull();
});
